# The stage, served: AWS, GitHub and git, the application, the control endpoint, on the ports from 4600 on.
#
#     docker compose up --wait stage
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home stage

WORKDIR /srv/stage
COPY pyproject.toml constraints.txt README.md ./
COPY rollback rollback
COPY rehearsal rehearsal
RUN python -m pip install --no-cache-dir --constraint constraints.txt '.[rehearsal]'
COPY environments.toml ./

USER stage
EXPOSE 4600-4603
# Inside it listens on all interfaces: who publishes its ports binds them to loopback.
ENTRYPOINT ["python", "-m", "rehearsal.serving", "--bind", "0.0.0.0", "--port", "4600"]
