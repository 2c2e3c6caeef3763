"""The rows of this room, all together: a foreign key is known only when its other end is.

Only `intake` reads and writes them (an import contract).
"""

from intake.tables import (
    callbacks as callbacks,
)
from intake.tables import (
    calls as calls,
)
from intake.tables import (
    case_files as case_files,
)
from intake.tables import (
    cases as cases,
)
from intake.tables import (
    data_requests as data_requests,
)
from intake.tables import (
    directory as directory,
)
from intake.tables import (
    documents as documents,
)
from intake.tables import (
    emergency as emergency,
)
from intake.tables import (
    flow as flow,
)
from intake.tables import (
    handovers as handovers,
)
from intake.tables import (
    joins as joins,
)
from intake.tables import (
    offices as offices,
)
from intake.tables import (
    official_reports as official_reports,
)
from intake.tables import (
    plans as plans,
)
from intake.tables import (
    recordings as recordings,
)
from intake.tables import (
    records as records,
)
from intake.tables import (
    reports as reports,
)
from intake.tables import (
    research as research,
)
from intake.tables import (
    retention as retention,
)
from intake.tables import (
    surveys as surveys,
)
from intake.tables import (
    therapy as therapy,
)
from intake.tables import (
    victims as victims,
)
