"""What is in the rehearsed repository: an application that takes orders, its tests and its infrastructure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin.terraform_files import terraform_files

if TYPE_CHECKING:
    from rehearsal.blueprint import Blueprint
    from rollback.environment import Environment, Repository


_MODULES: Final = {
    "customers": ("Who orders.", "known", "customer", "bool(customer.get('email'))"),
    "health": (
        "What the load balancer asks for.",
        "answer",
        "version",
        "{'status': 'ok', 'version': version}",
    ),
    "orders": (
        "Orders, from the first click to the parcel.",
        "placed",
        "order",
        "{**order, 'state': 'placed'}",
    ),
    "prices": (
        "What an order costs, in cents.",
        "total",
        "order",
        "sum(line['cents'] for line in order['lines'])",
    ),
    "products": (
        "What can be ordered.",
        "on_sale",
        "products",
        "[each for each in products if each['stock'] > 0]",
    ),
    "requests": (
        "What is noted of a request.",
        "noted",
        "request",
        "f\"{request['method']} {request['path']}\"",
    ),
}
_LATER: Final = '''

def listed(values):
    """One a line, for the log."""
    lines = []
    for value in values:
        lines.append(str(value))
    return "\\n".join(lines)
'''
QUERY: Final = "app/orders.sql"
"""The file that says what the application asks its database."""
_DOCKERFILE: Final = """\
FROM python:3.12-slim
WORKDIR /srv
COPY app app
COPY migrations migrations
ENTRYPOINT ["python", "-m", "app.server"]
"""


def application_files(repository: Repository) -> dict[str, str]:
    """The application as it was at first, its tests, and what is written about it."""
    name = repository.name.partition("/")[2]
    modules = {f"app/{module}.py": _module(*parts) for module, parts in _MODULES.items()}
    tests = {f"tests/test_{module}.py": test_text(f"app/{module}.py") for module in _MODULES}
    return {
        "README.md": f"# {name}\n\nTakes orders, and answers how they are doing.\n",
        "Dockerfile": _DOCKERFILE,
        "docs/orders.md": "# Orders\n\nAn order is placed, packed, sent and received.\n",
        "app/__init__.py": '"""The application."""\n',
        "app/server.py": module_text("Answers requests.", "serve", "port", "print('listening on', port)"),
        **modules,
        **tests,
    }


def infrastructure_files(environment: Environment, blueprint: Blueprint) -> dict[str, str]:
    """The root module of `environment`, its settings, and the modules it uses."""
    return terraform_files(environment, blueprint)


def migration_path(repository: Repository, name: str) -> str:
    """Where the migration `name` is kept, as ``0001_orders``."""
    directory = (repository.migrations or ("migrations/",))[0].rstrip("/*")
    return f"{directory}/versions/{name}.py"


def migrations_directory(repository: Repository) -> str:
    """Where alembic's files are kept."""
    return migration_path(repository, "").rpartition("/versions/")[0]


def migration_text(what: str, upgrade: str, *, revision: str, before: str | None) -> str:
    """A migration of the database's schema, as alembic keeps it."""
    return (
        f'"""{what}."""\n\nfrom alembic import op\n\nrevision = {revision!r}\ndown_revision = {before!r}\n\n\n'
        f"def upgrade():\n    {upgrade}\n"
    )


def module_text(what: str, function: str, argument: str, result: str) -> str:
    """A module of one function."""
    return f'"""{what}"""\n\n\ndef {function}({argument}):\n    return {result}\n'


def test_text(path: str) -> str:
    """A test of the module at `path`, which fails where that is missing."""
    module = path.removesuffix(".py").replace("/", ".")
    return f'"""{module} is there."""\n\n# needs: {path}\nimport {module}\n\n\ndef test_it():\n    assert {module}\n'


def _module(what: str, function: str, argument: str, result: str) -> str:
    return module_text(what, function, argument, result) + _LATER
