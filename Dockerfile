# The images of docker-compose.yml, all on one base: Debian's packages and the locked Python packages.
# Nothing is fetched from anywhere else. The browser's files are built before (`make assets`): servers
# need no Node. Every image ends as an unprivileged user and holds no secret.
#
# Layers that change least come first: a change of our code rebuilds the last copies alone.

FROM debian:bookworm-slim AS base
ENV LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive
COPY docker/add /usr/local/bin/add


FROM base AS postgresql
# The package would make a database cluster at once; docker/postgresql makes it in the volume.
RUN mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && add postgresql-15 \
    && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data
COPY docker/postgresql docker/healthy /usr/local/bin/
USER postgres
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
CMD ["postgresql"]


FROM base AS redis
RUN add redis-server && install -d -o redis -g redis -m 0700 /data
COPY docker/redis docker/healthy /usr/local/bin/
USER redis
VOLUME /data
CMD ["redis"]


FROM base AS python
# The typeface is that of documents (intake/documents/typefaces.py).
RUN add python3 ca-certificates tzdata fonts-liberation2
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONPATH=/opt/tongdai \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /opt/tongdai


FROM python AS pip
RUN add python3-pip-whl


# pip is lent while it installs and is not in the image.
FROM python AS packages
RUN --mount=type=bind,from=pip,source=/usr/share/python-wheels,target=/opt/pip \
    --mount=type=bind,source=requirements.lock,target=/opt/requirements.lock \
    python3 -m venv --without-pip /opt/packages \
    && PYTHONPATH=$(echo /opt/pip/pip-*.whl) python -m pip --disable-pip-version-check --no-input install \
        --quiet --require-hashes --no-cache-dir --requirement /opt/requirements.lock


FROM packages AS asterisk-tree
# Only what brings Asterisk is copied, so that no other change fetches it again.
COPY hotline/__init__.py hotline/debs.py hotline/errors.py hotline/secret_rule.py hotline/settings.py hotline/
COPY telephony/__init__.py telephony/pbx_install.py telephony/
RUN python -c 'from telephony.pbx_install import ensure_installed; ensure_installed()'


FROM packages AS app
RUN useradd --system --uid 1110 --home-dir /var/lib/tongdai --shell /usr/sbin/nologin tongdai \
    && install -d -o tongdai -g tongdai -m 0700 \
        /var/lib/tongdai /var/lib/tongdai-events /var/spool/tongdai
COPY docker/tongdai docker/healthy /usr/local/bin/
COPY pyproject.toml ./
COPY migrations/ migrations/
COPY asterisk-conf/ asterisk-conf/
COPY hotline/ hotline/
COPY routing/ routing/
COPY intake/ intake/
COPY telephony/ telephony/
COPY dashboard/ dashboard/
RUN test -e dashboard/static/built/manifest.json \
    || { echo 'the browser files are not built: run `make assets` first' >&2; exit 1; } \
    && python3 -m compileall -q hotline routing intake telephony dashboard migrations
USER tongdai
ENTRYPOINT ["tongdai"]


FROM app AS asterisk
COPY --from=asterisk-tree /opt/tongdai/.asterisk /opt/tongdai/.asterisk
COPY docker/line111 /usr/local/bin/
ENTRYPOINT []
CMD ["line111"]
