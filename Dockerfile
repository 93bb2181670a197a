# One image for web, worker and beat. Nothing in it is secret, and nothing in it runs as root.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY . .
COPY --from=packages /app/node_modules node_modules
# The key is this step's own: settings want one, and collecting files signs nothing. The packages stay: pages draw their
# icons from them.
RUN .venv/bin/python scripts/messages.py compile && \
    SECRET_KEY=only-for-collecting-static-files-in-this-build .venv/bin/python manage.py collectstatic --no-input && \
    rm -rf .data

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin huitou && \
    install -d -o huitou -m 0700 /data /data/tmp
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data TMPDIR=/data/tmp \
    BIND=0.0.0.0 PORT=8000
USER huitou
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
    CMD ["python", "scripts/healthcheck.py", "/healthz"]
CMD ["python", "-m", "crm.supervisor", "--only=web"]
