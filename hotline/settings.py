"""Settings: environment variables `TONGDAI_*`, else the file `tongdai.env`, else these defaults.

In a container a secret may also be a file: `/run/secrets/tongdai_ami_secret` for TONGDAI_AMI_SECRET.

Owns every setting of every process and the folders under the data folder. Ports left at 0 are chosen
once, at the first start, in a block that is free on this machine (`hotline.ports`), so that two copies
and anything already running never collide.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hotline import secret_rule
from hotline.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `asterisk-conf/`, `migrations/` and the built assets are found from here."""

_SECRETS = Path("/run/secrets")
"""Where compose puts the files of secrets."""
_MaybeFile = Annotated[Path | None, BeforeValidator(lambda said: said or None)]
"""None also for the empty text by which compose says nothing."""
_NUMBERS = "[0-9X]{3,15}(,[0-9X]{3,15})*"


class Settings(BaseSettings):
    """All settings, with the defaults of `make run` on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="TONGDAI_",
        env_file="tongdai.env",
        extra="ignore",
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
    )

    data: Path = Field(default=ROOT / "var", description="where everything that must be kept lives")
    host: str = Field(default="127.0.0.1", description="address every server of ours listens on")
    public_url: str = Field(default="", description="address people use, if not the web server's own")
    web_port: int = 0
    web_processes: int = Field(
        default=1, ge=1, le=64, description="processes behind the web port: one for each core to spare"
    )
    database_url: str = Field(default="", description="empty: SQLite in the data folder")
    database_password: SecretStr = Field(
        default=SecretStr(""), description="put into database_url, which then needs none"
    )
    redis_url: str = Field(default="", description="empty: the embedded Valkey on a unix socket")
    redis_password: SecretStr = Field(
        default=SecretStr(""), description="of redis_url; the embedded Valkey's socket is ours alone"
    )

    ami_host: str = "127.0.0.1"
    ami_port: int = 0
    ami_user: str = "switchboard"
    ami_secret: SecretStr = Field(default=SecretStr(""), description="empty: var/secrets/ami")
    sip_host: str = "127.0.0.1"
    sip_port: int = 0
    sip_external: str = Field(
        default="", description="behind NAT: this PBX's address as the telco and the phones see it"
    )
    telco_peers: str = Field(
        default="127.0.0.111", description="addresses the telco's calls come from, comma-separated"
    )
    telco_proxy: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        description="host:port of the telco that takes calls to the outside; empty: none can be made",
    )
    telco_tls_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="SIP over TLS with the telco, its calls' sound as SRTP, and telco_proxy is its port "
        "for TLS; telco-ca.pem among the certificates vouches for it; 0: in clear",
    )
    own_number: str = Field(
        default="111", pattern=r"^[0-9]{3,15}$", description="what the outside sees when we call it"
    )
    pbx_http_host: str = Field(
        default="127.0.0.1",
        description="where Asterisk takes the words of phones in browsers from the web server",
    )
    pbx_http_port: int = 0
    rtp_start: int = 0
    rtp_end: int = 0
    site: str = Field(default="hn", pattern=r"^[a-z]{2,8}$", description="this PBX's systemname")
    sites: str = Field(
        default="",
        description="all PBXs as code=host:SIP port:AMI port:port of phones in browsers, with commas; "
        "tls:// before each host: those ports speak TLS; empty: only this one",
    )
    certificates: Path | None = Field(
        default=None,
        description="a folder with ca.pem and this site's certificate and key (`tongdai certificates`); "
        "None: in data",
    )
    phone_tls_port: int = Field(
        default=0, ge=0, le=65535, description="desk phones may register here over TLS; 0: nowhere"
    )
    phone_tls_obliged: bool = Field(
        default=False, description="and in no other way, and their sound is SRTP or there is none"
    )
    sheltered: str = Field(
        default="",
        description="networks (10.1.0.0/16) and names where what we say in clear cannot be overheard: "
        "between containers of one machine, an encrypted VPN; comma-separated",
    )
    headquarters: str = Field(
        default="",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$",
        description="at every other center: where headquarters' `tongdai receive` takes recordings",
    )
    receive_port: int = Field(
        default=8111, ge=1, le=65535, description="at headquarters: the port of `tongdai receive`"
    )
    instance: str = Field(
        default="main",
        pattern=r"^[a-z0-9-]{1,20}$",
        description="this switchboard's name; each standby beside it needs another",
    )
    pbx: Literal["embedded", "external"] = Field(
        default="embedded", description="external: Asterisk is run by somebody else"
    )
    pbx_log: Path | None = Field(default=None, description="Asterisk's master.db (CEL); None: in data")
    texts: Path | None = Field(
        default=None, description="a folder whose files take the place of those in dashboard/texts"
    )
    spool: Path | None = Field(default=None, description="raw recordings of Asterisk; None: in data")
    recording_keys: SecretStr = Field(
        default=SecretStr(""),
        description="newest first, comma-separated (`tongdai recordings new-key`); "
        "empty: var/secrets/recording_keys",
    )
    audit_key: SecretStr = Field(
        default=SecretStr(""),
        description="seals the audit chain (`tongdai audit new-key`); empty: var/secrets/audit_key",
    )
    audit_folder: Path | None = Field(
        default=None,
        description="the worker appends the sealed audit here: a folder on another host; None: nowhere",
    )
    application_role: str = Field(
        default="",
        pattern=r"^([a-z_][a-z0-9_]{0,62})?$",
        description="PostgreSQL: the role that `tongdai db upgrade` gives the application's rights, "
        "when another one owns the tables",
    )

    ring_seconds: int = Field(default=15, ge=3, le=60)
    callback_minutes: int = Field(
        default=30, ge=1, le=24 * 60, description="by when a number that rang in vain is called back"
    )
    callback_urgent_minutes: int = Field(
        default=10,
        ge=1,
        le=24 * 60,
        description="the same for urgent ones (intake/calls/callback_rules.py)",
    )
    trafficking_numbers: str = Field(
        default="18001116",
        pattern=f"^{_NUMBERS}$",
        description="numbers of the anti-trafficking line, comma-separated, X for any digit",
    )
    partner_numbers: str = Field(
        default="",
        pattern=f"^({_NUMBERS})?$",
        description="emergency numbers that only the police and communes know; like the above",
    )
    nobody_seconds: int = Field(
        default=20, ge=5, le=600, description="nobody can be reached so long: mobiles on call are rung"
    )
    overflow_seconds: int = Field(
        default=5,
        ge=0,
        le=600,
        description="so long a caller is left to the counselors of their own center while others "
        "are free; shift leads may set another limit for a time",
    )
    shift_alarm_seconds: int = Field(
        default=60, ge=0, le=3600, description="a shift that has not come so long after its beginning"
    )
    alarm_calls: bool = Field(default=True, description="alarms may ring the shift leads' phones")
    announce_listening: bool = Field(
        default=False,
        description="the desk says so when a shift lead only listens, not just when they speak",
    )
    supervision_minutes: int = Field(
        default=30,
        ge=1,
        le=240,
        description="so long a shift lead attends a talk, unless they ask for more time",
    )
    alarm_wait_seconds: int = Field(
        default=60, ge=0, le=3600, description="an alarm when somebody waits longer; 0: none"
    )
    alarm_answer_percent: int = Field(
        default=70,
        ge=0,
        le=100,
        description="an alarm when fewer of an hour's calls were answered",
    )
    alarm_site_seconds: int = Field(
        default=15, ge=0, le=3600, description="an alarm when a PBX is away so long; 0: none"
    )
    alarm_report_seconds: int = Field(
        default=900,
        ge=0,
        le=86400,
        description="an alarm when a report of the app or a web form waits longer; 0: none",
    )
    ring_danger_seconds: int = Field(
        default=120,
        ge=0,
        le=86400,
        description="a lead's phone is rung when a report of a child in danger waits longer; 0: never",
    )
    handover_minutes: int = Field(
        default=30,
        ge=1,
        le=7 * 24 * 60,
        description="by when a commune must have answered what was handed to it",
    )
    handover_urgent_minutes: int = Field(
        default=10, ge=1, le=24 * 60, description="the same where a child is in danger now"
    )
    jobs: Literal["all", "inside", "outside"] = Field(
        default="all",
        description="which background jobs a worker does: `inside`, `outside` (those that speak with "
        "other houses' programs) or `all`",
    )
    webhooks_to_loopback: bool = Field(
        default=False, description="webhooks may go to this machine by plain HTTP: for tests alone"
    )
    silent_browser_seconds: int = Field(
        default=8,
        ge=2,
        le=60,
        description="a phone in a browser that sends no sound so long is gone: the caller is taken back",
    )
    silent_phone_seconds: int = Field(
        default=20,
        ge=2,
        le=120,
        description="the same for a desk phone, which may be silent while nobody speaks; ten times "
        "that while it holds its caller",
    )
    document_parent: str = Field(
        default="Cục Bà mẹ và Trẻ em", description="on documents: whom the office below belongs to"
    )
    document_office: str = Field(
        default="Tổng đài điện thoại quốc\N{NO-BREAK SPACE}gia bảo vệ trẻ em 111",
        description="on documents: who issues them",
    )
    document_symbol: str = Field(
        default="TĐ111",
        pattern=r"^[^\s/]{1,20}$",
        description="in their numbers, with the center's code: 12/BC-TĐ111-HN",
    )
    keep_silent_days: int = Field(
        default=0, ge=0, description="calls in which nothing was told, from closing; 0: kept"
    )
    keep_record_days: int = Field(
        default=0, ge=0, description="records that are in no case, from closing; 0: kept"
    )
    keep_recording_days: int = Field(
        default=0, ge=0, description="recordings of calls that are in no case; 0: kept"
    )
    keep_case_recording_days: int = Field(
        default=0, ge=0, description="recordings of cases, from the end of the last one; 0: kept"
    )
    keep_call_days: int = Field(
        default=0, ge=0, description="numbers of calls of which nothing was written; 0: kept"
    )
    keep_case_days: int = Field(
        default=0, ge=0, description="cases with all that is in them, from closing; 0: kept"
    )
    keep_victim_case_days: int = Field(
        default=0, ge=0, description="cases of trafficking or with victims referred; 0: kept"
    )
    keep_therapy_days: int = Field(
        default=0, ge=0, description="what is kept of a child's treatment, from its end; 0: kept"
    )
    keep_data_request_days: int = Field(
        default=0, ge=0, description="what people asked about their data, from the answer; 0: kept"
    )
    keep_event_log_days: int = Field(
        default=90,
        ge=30,
        le=3650,
        description="rows of Asterisk's own event log, once their calls are in the database",
    )
    wrap_up_seconds: int = Field(default=30, ge=0, le=600)
    service_seconds: int = Field(
        default=15, ge=1, le=600, description="the service level: answered within so many seconds"
    )
    short_abandon_seconds: int = Field(
        default=5, ge=0, le=60, description="who rings off by then counts neither as offered nor as lost"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    invitation_hours: int = Field(
        default=72,
        ge=1,
        le=14 * 24,
        description="so long a link by which somebody sets their own password leads in",
    )
    glass_minutes: int = Field(
        default=60,
        ge=5,
        le=8 * 60,
        description="so long a case or record that was opened in an emergency stays open",
    )
    glass_tries: int = Field(
        default=5, ge=1, le=60, description="so often within an hour one person may try to open one"
    )
    idle_minutes: int = Field(
        default=60,
        ge=5,
        le=600,
        description="who does nothing so long, and does not talk, is logged out",
    )
    hide_minutes: int = Field(
        default=10,
        ge=0,
        le=600,
        description="a page that nobody touches so long, and no talk goes on, hides itself; 0: never",
    )
    looks_per_minute: int = Field(
        default=120,
        ge=0,
        le=6000,
        description="cases, calls, files and searches that one log-in may open; 0: any number",
    )
    proof_minutes: int = Field(
        default=15,
        ge=1,
        le=600,
        description="for accounts, offices and exports the password is asked for again after so long",
    )
    passkeys_obliged: bool = Field(
        default=True,
        description="who must have a second factor must have a passkey, where browsers have any",
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[^\s?#]*)?)?$",
        description="OpenID Connect: whose accounts may log in beside ours; empty: nobody's",
    )
    oidc_client_id: str = Field(default="", description="what we are called there")
    oidc_secret: SecretStr = Field(default=SecretStr(""), description="what we prove it with")
    oidc_claim: str = Field(
        default="preferred_username",
        pattern=r"^[!-~]{1,100}$",
        description="the claim that holds our login; `email`: the address that stands in our account",
    )
    oidc_second_factor: str = Field(
        default="",
        description="values of acr or amr, comma-separated, that count as our second factor; "
        "empty: none does",
    )
    tls_certificate: _MaybeFile = Field(
        default=None,
        description="the web server speaks TLS itself and shows this: PEM, with what vouches for it",
    )
    tls_key: _MaybeFile = Field(default=None, description="its key, in PEM")
    breached_passwords: _MaybeFile = Field(
        default=None,
        description="a list of `tongdai breached-passwords`: nobody may choose one of them; empty: none",
    )
    clamd: str = Field(
        default="",
        pattern=r"^(/.+|[A-Za-z0-9.-]+:[0-9]{1,5})?$",
        description="ClamAV's daemon, host:port or its socket's path, asked of each file that was sent "
        "to us when it is given out; empty: nobody is asked",
    )
    secure_cookies: bool = Field(
        default=False, description="true behind TLS, always with TLS of our own"
    )
    containers: bool = Field(
        default=False, description="each part is a container: nobody of ours supervises them"
    )
    smtp_host: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        description="host:port of the server that takes our e-mails; empty: none are sent",
    )
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = Field(default="", description="empty: no log-in")
    smtp_password: SecretStr = SecretStr("")
    smtp_sender: str = Field(default="", description="address that our e-mails come from")
    least_free_gb: float = Field(default=2, ge=0, description="below that the disk is nearly full")
    demo: bool = Field(default=True, description="seed the demo organisation at first start")
    demo_answer_seconds: int = Field(
        default=4, ge=0, le=60, description="how long a demo phone rings before it answers by itself"
    )

    @property
    def outside(self) -> str:
        """host:port that takes calls to the outside; a demo's own phones play the outside too."""
        if self.telco_proxy or not self.demo or self.pbx == "external" or not self.sip_port:
            return self.telco_proxy
        return f"{self.telco_peers.partition(',')[0].strip()}:{self.sip_port}"

    @property
    def wrap_up(self) -> timedelta:
        """After a talk, before the next call comes by itself."""
        return timedelta(seconds=self.wrap_up_seconds)

    @property
    def address(self) -> str:
        """Where people find the web server, without a slash at the end."""
        return (self.public_url or self.web_address).rstrip("/")

    @property
    def web_address(self) -> str:
        """The web server's own."""
        return f"http{'s' if self.tls_certificate else ''}://{self.host}:{self.web_port}"

    @property
    def run_dir(self) -> Path:
        return self.data / "run"

    @property
    def secrets_dir(self) -> Path:
        return self.data / "secrets"

    @property
    def pbx_dir(self) -> Path:
        """The embedded Asterisk's own folder: rendered configuration, astdb, CEL, spool."""
        return self.data / "pbx" / self.site

    @property
    def spool_dir(self) -> Path:
        return self.spool or self.pbx_dir / "spool" / "monitor"

    @property
    def event_log(self) -> Path:
        """Asterisk's own event log: CEL in SQLite."""
        return self.pbx_log or self.pbx_dir / "log" / "master.db"

    @property
    def recordings_dir(self) -> Path:
        return self.data / "recordings"

    @property
    def certificates_dir(self) -> Path:
        return self.certificates or self.data / "certificates"

    @property
    def journal_dir(self) -> Path:
        return self.data / "journal"

    @property
    def sql_url(self) -> str:
        """With the password: not for a log."""
        secret = self.database_password.get_secret_value()
        if not self.database_url:
            return f"sqlite:///{self.data / 'tongdai.db'}"
        if not secret:
            return self.database_url
        from sqlalchemy import make_url  # a fifth of a second that most commands need not spend

        return make_url(self.database_url).set(password=secret).render_as_string(hide_password=False)


@cache
def settings() -> Settings:
    """The process's settings, read once. Raises SetupError that names the wrong variable, also for a
    secret that is too weak where it is no demo."""
    try:
        found = Settings()
        require_strong_secrets(found)
        require_whole_oidc(found)
        require_whole_tls(found)
        require_whole_list(found)
        return found.model_copy(update={"secure_cookies": True}) if found.tls_certificate else found
    except ValidationError as error:
        lines = "; ".join(
            f"TONGDAI_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise SetupError(f"a setting is wrong: {lines}") from error


def require_strong_secrets(of: Settings) -> None:
    """Nothing starts with a secret that can be guessed. Raises SetupError, which quotes none."""
    if of.demo:
        return
    in_url = urlsplit(of.database_url).password
    chosen = {
        "AMI_SECRET": of.ami_secret.get_secret_value(),
        "DATABASE_PASSWORD": of.database_password.get_secret_value(),
        "DATABASE_URL": unquote(in_url or ""),
        "REDIS_PASSWORD": of.redis_password.get_secret_value(),
        "REDIS_URL": unquote(urlsplit(of.redis_url).password or ""),
        "AUDIT_KEY": of.audit_key.get_secret_value(),
    }
    for index, key in enumerate(of.recording_keys.get_secret_value().replace(",", " ").split()):
        chosen[f"RECORDING_KEYS ({index + 1})"] = key
    for name, secret in chosen.items():
        if secret and (why := secret_rule.problem(secret)):
            raise SetupError(f"TONGDAI_{name}: {why}")


def require_whole_tls(of: Settings) -> None:
    """Raises SetupError for a certificate without its key, and the other way round, and for files that
    cannot be read or do not belong together; and for desk phones that must do what they cannot."""
    if of.phone_tls_obliged and not of.phone_tls_port:
        raise SetupError("TONGDAI_PHONE_TLS_OBLIGED also needs TONGDAI_PHONE_TLS_PORT")
    if of.tls_certificate is None and of.tls_key is None:
        return
    if of.tls_certificate is None or of.tls_key is None:
        lacks = "TONGDAI_TLS_KEY" if of.tls_key is None else "TONGDAI_TLS_CERTIFICATE"
        raise SetupError(f"TLS also needs {lacks}")
    import ssl  # most commands need none

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            of.tls_certificate, of.tls_key, password=lambda: ""
        )
    except OSError as error:  # ssl.SSLError too
        raise SetupError(
            f"TONGDAI_TLS_CERTIFICATE and TONGDAI_TLS_KEY are no certificate in PEM with its key "
            f"(without a password): {error}"
        ) from error


def require_whole_list(of: Settings) -> None:
    """Raises SetupError for a list of breached passwords that is none."""
    if of.breached_passwords is not None:
        from hotline import breached_passwords  # most parts have none

        breached_passwords.require_list(of.breached_passwords)


def require_whole_oidc(of: Settings) -> None:
    """Raises SetupError for a provider of log-ins that is only half set."""
    parts = {
        "TONGDAI_OIDC_ISSUER": of.oidc_issuer,
        "TONGDAI_OIDC_CLIENT_ID": of.oidc_client_id,
        "TONGDAI_OIDC_SECRET": of.oidc_secret.get_secret_value(),
    }
    missing = [name for name, value in parts.items() if not value]
    if 0 < len(missing) < len(parts):
        raise SetupError(f"log-in by OpenID Connect also needs {', '.join(missing)}")
