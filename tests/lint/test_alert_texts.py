"""Alert texts and expressions that would fail, or say nothing, once an error happens."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

ROUTE = "[alerts.channels.ops]\nkind = 'log'\n[[alerts.routes]]\nname = 'a'\nchannel = 'ops'\n"


def test_a_text_that_is_no_template_is_found(tmp_path: Path) -> None:
    finding = the_finding(f"{ROUTE}text = «'{{{{ severity }}'»\n", tmp_path)
    assert finding.code == "PE302"
    assert finding.message.endswith("(line 1 of the text)")


def test_a_name_that_no_error_has_is_found(tmp_path: Path) -> None:
    finding = the_finding(f"{ROUTE}text = «'{{{{ severty }}}}: {{{{ message }}}}'»\n", tmp_path)
    assert (finding.code, finding.help) == ("PE303", 'did you mean "severity"?')


@pytest.mark.parametrize(
    "text",
    [
        "{{ severity }} {{ category }}: {{ type }}: {{ message }}",
        "{% for each in cause %}{{ each.type }}{{ loop.index }}{% endfor %}{{ suppressed }}",
        "{{ context.user or 'nobody' }} {{ exception_module }}.{{ exception_type }} {{ range(3) }}",
    ],
)
def test_what_an_error_has_is_taken(text: str, tmp_path: Path) -> None:
    assert findings(f'{ROUTE}text = "{text}"\n', tmp_path) == ()


@pytest.mark.parametrize(
    "marked",
    [
        "[[rules]]\nname = 'r'\ncategory = 'UNKNOWN'\nmatch.«expr» = 'true'\n",
        "[[severity.adjust]]\nname = 'a'\nraise_to = 'HIGH'\nwhen = { «expr» = 'true' }\n",
    ],
)
def test_an_expression_is_refused_and_not_silently_passed_over(marked: str, tmp_path: Path) -> None:
    assert the_finding(marked, tmp_path).code == "PE304"
