"""The workflow files of the rehearsed repository, as a team writes them for GitHub Actions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rollback.environment import Environment, Repository

_DEPLOY: Final = """\
name: Deploy

on:
  push:
    branches: @BRANCHES@
    paths-ignore: @IGNORED@

concurrency:
  group: deploy-${{ github.ref_name }}
  cancel-in-progress: false

permissions:
  contents: read
  id-token: write

jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Checkout
        uses: actions/checkout@v4
      - name: Test
        run: python -m unittest discover --start-directory tests

  deploy:
    needs: test
    runs-on: ubuntu-latest
    environment: @ENVIRONMENT@
    env:
      IMAGE: ${{ vars.REPOSITORY }}:${{ github.sha }}
    steps:
      - name: Checkout
        uses: actions/checkout@v4
      - name: Build image
        run: docker build --tag "$IMAGE" .
      - name: Push image
        run: docker push "$IMAGE"
      - name: Migrate database
        run: alembic upgrade head
      - name: Register task definition
        run: aws ecs register-task-definition --family "${{ vars.FAMILY }}" --cli-input-json "$(ci/task-definition "$IMAGE")"
      - name: Update service
        run: aws ecs update-service --cluster "${{ vars.CLUSTER }}" --service "${{ vars.SERVICE }}" --task-definition "${{ vars.FAMILY }}"
"""

_TERRAFORM: Final = """\
name: Terraform

on:
  push:
    branches: @BRANCHES@
    paths: @PATHS@

concurrency:
  group: terraform-${{ github.ref_name }}
  cancel-in-progress: false

permissions:
  contents: read
  id-token: write

jobs:
  plan:
    runs-on: ubuntu-latest
    env:
      DIRECTORY: ${{ vars.TERRAFORM_DIRECTORY }}
    steps:
      - name: Checkout
        uses: actions/checkout@v4
      - name: Terraform init
        run: terraform -chdir="$DIRECTORY" init -input=false -no-color
      - name: Terraform plan
        run: terraform -chdir="$DIRECTORY" plan -input=false -no-color

  apply:
    needs: plan
    runs-on: ubuntu-latest
    environment: @ENVIRONMENT@
    env:
      DIRECTORY: ${{ vars.TERRAFORM_DIRECTORY }}
    steps:
      - name: Checkout
        uses: actions/checkout@v4
      - name: Terraform init
        run: terraform -chdir="$DIRECTORY" init -input=false -no-color
      - name: Terraform apply
        run: terraform -chdir="$DIRECTORY" apply -input=false -no-color -auto-approve
"""


def workflow_files(repository: Repository, environments: Sequence[Environment]) -> dict[str, str]:
    """Both workflow files by path: a push to an environment's branch deploys what it changes there."""
    branches = list(dict.fromkeys(environment.branch for environment in environments))
    words = {
        "@BRANCHES@": _list(branches),
        "@PATHS@": _list(_glob(pattern) for pattern in repository.infrastructure),
        "@IGNORED@": _list(_glob(pattern) for pattern in (*repository.infrastructure, *repository.neutral)),
        "@ENVIRONMENT@": _environment_of_the_branch(environments),
    }
    return {
        repository.application_workflow: _filled(_DEPLOY, words),
        repository.infrastructure_workflow: _filled(_TERRAFORM, words),
    }


def _glob(pattern: str) -> str:
    """A pattern of `environments.toml` as GitHub's filters have it, where one asterisk stops at a slash."""
    return f"{pattern}**" if pattern.endswith("/") else pattern.replace("*", "**")


def _environment_of_the_branch(environments: Sequence[Environment]) -> str:
    """GitHub's expression for the name of the deployment environment."""
    named = {environment.branch: environment.name for environment in environments}
    others = [
        f"github.ref_name == '{branch}' && '{name}'" for branch, name in named.items() if branch != name
    ]
    return f"${{{{ {' || '.join([*others, 'github.ref_name'])} }}}}"


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values))


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
