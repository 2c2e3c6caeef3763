import pytest
from sqlalchemy import Engine

from hotline.db import reading
from hotline.errors import BadInput
from intake.forms.taxonomy import Way
from intake.reports import api_clients, clients_command
from intake.tables.reports import ApiClientRow


def test_a_key_is_shown_once_and_revoked(db: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    clients_command.add("Ứng dụng  111", Way.APP, 30)
    key = capsys.readouterr().out.strip()
    with reading() as session:
        client = api_clients.of_key(session, key)
        assert client is not None
        assert (client.name, client.way, client.per_minute) == ("Ứng dụng 111", Way.APP, 30)
        row = session.get_one(ApiClientRow, client.id)
        assert key not in row.key_hash
    clients_command.list_()
    listed = capsys.readouterr().out
    assert "30/min" in listed
    assert key not in listed
    clients_command.revoke(client.id)
    clients_command.list_()
    assert "revoked" in capsys.readouterr().out
    with reading() as session:
        assert api_clients.of_key(session, key) is None
    with pytest.raises(BadInput):
        clients_command.add("Đơn thư", Way.POST, 30)
