# KhaiHoc as one small image: `python -m bot` and nothing that builds. It runs as nobody in
# particular, on a read-only root file system; everything it keeps lies in /data.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /khaihoc
RUN python -m venv /venv
COPY requirements/server.lock requirements/server.lock
# Wheels only, each with the digest of the lock: nothing is compiled, nothing unknown gets in.
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r requirements/server.lock
COPY locales locales
RUN for words in locales/*/LC_MESSAGES/messages.po; do \
        /venv/bin/pybabel --quiet compile -i "$words" -o "${words%.po}.mo"; \
    done
COPY bot bot
COPY handlers handlers
COPY storage storage
COPY dialogs dialogs
RUN /venv/bin/python -m compileall -q bot handlers storage dialogs

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    KHAIHOC_VAR_DIR=/data KHAIHOC_HOST=0.0.0.0 KHAIHOC_PORT=8080 KHAIHOC_METRICS_PORT=8080
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin khaihoc \
    && install -d -o khaihoc -g khaihoc -m 0700 /data
WORKDIR /khaihoc
COPY LICENSE ./
COPY --from=build /venv /venv
COPY --from=build /khaihoc /khaihoc
USER 10001
VOLUME /data
EXPOSE 8080
# Liveness: a process without the web role answers here too, by KHAIHOC_METRICS_PORT.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/live', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot", "run"]
