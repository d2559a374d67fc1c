from __future__ import annotations

import json

import pytest

from rollback.git import File
from rollback.terraform.hcl import Configuration, blocks, read, without_keys

PROTECTED = 'resource "aws_db_instance" "orders" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'


def protected(text: str) -> list[str]:
    return [".".join(block.labels) for block in blocks(text) if block.protected]


def configuration(root: str = "infra/prod", **files: str) -> Configuration:
    return read([File(path.replace("__", "/"), text.encode()) for path, text in files.items()], root)


@pytest.mark.parametrize(
    "text",
    [
        PROTECTED,
        PROTECTED.replace("\n", "\r\n"),
        'resource "aws_db_instance" "orders" {\n lifecycle { prevent_destroy = true }\n}',
        (
            'resource "aws_db_instance" "orders" {\n  name = "a}b{"\n  # }\n  // }\n  /* } */\n  tags = { a = "}" }\n'
            "  lifecycle {\n    prevent_destroy=true\n  }\n}"
        ),
        (
            'resource "aws_db_instance" "orders" {\n  policy = <<-EOT\n    } prevent {\n  EOT\n  lifecycle {\n'
            "    prevent_destroy = true\n  }\n}"
        ),
        (
            'resource "aws_db_instance" "orders" {\n  name = "${jsonencode({ a = "}" })}"\n  lifecycle {\n'
            "    ignore_changes = [tags]\n    prevent_destroy = true\n  }\n}"
        ),
        "locals {\n  a = { b = 1 }\n}\n" + PROTECTED,
    ],
)
def test_protection_is_seen_however_it_is_written(text: str) -> None:
    assert protected(text) == ["aws_db_instance.orders"]


@pytest.mark.parametrize(
    "text",
    [
        PROTECTED.replace("true", "false"),
        PROTECTED.replace("    prevent", "    # prevent"),
        PROTECTED.replace("    prevent_destroy = true", "    /* prevent_destroy = true */"),
        'resource "a" "b" {\n  description = "lifecycle { prevent_destroy = true }"\n}',
        'resource "a" "b" {\n  text = <<EOT\nlifecycle {\nprevent_destroy = true\n}\nEOT\n}',
        'resource "a" "b" {\n  prevent_destroy = true\n}',
        'resource "a" "b" {\n  other {\n    lifecycle {\n      prevent_destroy = true\n    }\n  }\n}',
    ],
)
def test_what_only_looks_like_protection_is_none(text: str) -> None:
    assert protected(text) == []


def test_the_json_syntax_says_the_same() -> None:
    body = {
        "resource": {"aws_db_instance": {"orders": {"lifecycle": [{"prevent_destroy": True}]}, "b": [{}]}}
    }
    found = configuration(**{"infra__prod__main.tf.json": json.dumps(body)})
    assert found.resources == {"aws_db_instance.orders": True, "aws_db_instance.b": False}


def test_a_module_s_resources_have_its_name_in_their_addresses() -> None:
    found = configuration(
        **{
            "infra__prod__main.tf": 'module "data" {\n  source = "../modules/data"\n}\n',
            "infra__modules__data__main.tf": PROTECTED + 'module "deep" {\n  source = "./deep"\n}\n',
            "infra__modules__data__deep__main.tf": 'resource "a" "b" {\n}\n',
            "infra__other__main.tf": 'resource "not" "ours" {\n}\n',
        }
    )
    assert found.resources == {
        "module.data.aws_db_instance.orders": True,
        "module.data.module.deep.a.b": False,
    }
    assert found.protected == {"module.data.aws_db_instance.orders"}
    assert found.local


def test_a_file_is_used_if_it_is_in_the_root_module_or_one_of_its_modules() -> None:
    found = configuration(
        **{
            "infra__prod__main.tf": 'module "data" {\n  source = "../modules/data"\n}\n',
            "infra__modules__data__main.tf": "",
        }
    )
    assert found.uses("infra/prod/templates/a.json")
    assert found.uses("infra/modules/data/main.tf")
    assert not found.uses("infra/modules/database/main.tf")
    assert not found.uses("infra/staging/main.tf")


@pytest.mark.parametrize("source", ["hashicorp/consul/aws", "git::https://a.example/b.git", "/srv/module"])
def test_a_module_from_elsewhere_is_noticed(source: str) -> None:
    assert not configuration(**{"infra__prod__main.tf": f'module "a" {{\n  source = "{source}"\n}}\n'}).local


def test_modules_that_call_each_other_come_to_an_end() -> None:
    found = configuration(**{"infra__prod__main.tf": 'module "a" {\n  source = "../prod"\n}\n'})
    assert found.directories == ("infra/prod",)


@pytest.mark.parametrize(
    "text", ["{", "}}}", '"', "resource {", "<<EOT", "= = =", '{"resource": [1, {"a": 2}]}']
)
def test_what_terraform_would_refuse_is_no_error_here(text: str) -> None:
    assert configuration(**{"infra__prod__main.tf": text, "infra__prod__b.tf.json": text}).resources == {}


def test_keys_are_taken_off_an_address() -> None:
    assert without_keys('module.a["x.y"].module.b[0].t.n["]\\""]') == "module.a.module.b.t.n"
