"""What a printed traceback says, in all the shapes interpreters print."""

from policy_engine.model import Frame
from policy_engine.simulate.formats.traceback import read_traceback

CHAINED = """\
Traceback (most recent call last):
  File "/srv/a.py", line 3, in inner
    int("x")
ValueError: invalid literal for int() with base 10: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/a.py", line 5, in middle
    raise KeyError("k") from error
KeyError: 'k'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/a.py", line 9, in <module>
    outer()
  File "/srv/a.py", line 7, in outer
    raise shop.errors.CartError("no cart")
shop.errors.CartError: no cart
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/g.py", line 7, in load
  |     raise ExceptionGroup("two failed", found)
  | ExceptionGroup: two failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/g.py", line 2, in price
    |     int("x")
    | ValueError: invalid literal
    | second line
    |
    | During handling of the above exception, another exception occurred:
    |
    | Traceback (most recent call last):
    |   File "/srv/g.py", line 3, in price
    |     raise RuntimeError("price")
    | RuntimeError: price
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/srv/g.py", line 5, in stock
    |     raise ExceptionGroup("inner", [KeyError("stock")])
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | KeyError: 'stock'
      +------------------------------------
"""


DIRECT_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
HEADER = "Traceback (most recent call last):"


def text_of(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def named(traceback):
    return [(cause.relation, cause.type, cause.message) for cause in traceback.causes]


def test_the_exception_raised_last_is_the_error_and_those_before_it_its_causes_nearest_first():
    read = read_traceback(CHAINED)
    assert (read.type, read.message) == ("shop.errors.CartError", "no cart")
    assert read.stack == (Frame("/srv/a.py", 9, "<module>"), Frame("/srv/a.py", 7, "outer"))
    assert named(read) == [
        ("context", "KeyError", "'k'"),
        ("cause", "ValueError", "invalid literal for int() with base 10: 'x'"),
    ]


def test_standard_types_come_with_their_mro_and_errno():
    read = read_traceback("Traceback (most recent call last):\nConnectionRefusedError: [Errno 111] Connection refused")
    assert read.message == "[Errno 111] Connection refused"
    causes = read_traceback(
        "Traceback (most recent call last):\nConnectionRefusedError: [Errno 111] Connection refused\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\nshop.Error: away\n"
    ).causes
    assert causes[0].mro == ("ConnectionRefusedError", "ConnectionError", "OSError", "Exception", "BaseException")
    assert causes[0].attributes == {"errno": 111}


def test_a_group_tree_gives_its_members_each_followed_by_what_stands_behind_it():
    read = read_traceback(GROUP)
    assert (read.type, read.message) == ("ExceptionGroup", "two failed (2 sub-exceptions)")
    assert read.stack == (Frame("/srv/g.py", 7, "load"),)
    assert named(read) == [
        ("member", "RuntimeError", "price"),
        ("context", "ValueError", "invalid literal\nsecond line"),
        ("member", "ExceptionGroup", "inner (1 sub-exception)"),
        ("member", "KeyError", "'stock'"),
    ]


def test_members_that_were_not_printed_are_no_members():
    text = GROUP.replace("+---------------- 2 ----------------", "+---------------- ... ----------------")
    assert [cause.type for cause in read_traceback(text).causes] == ["RuntimeError", "ValueError"]


def test_a_group_may_cause_an_exception_that_is_none():
    read = read_traceback(GROUP + DIRECT_CAUSE + CHAINED.split("\n\n")[-1])
    assert read.type == "shop.errors.CartError"
    assert [(cause.relation, cause.type) for cause in read.causes][:3] == [
        ("cause", "ExceptionGroup"),
        ("member", "RuntimeError"),
        ("context", "ValueError"),
    ]


def test_notes_and_further_lines_are_part_of_the_message():
    text = text_of(HEADER, '  File "a.py", line 1, in f', "    g()", "ValueError: bad", "row 7", "", "see the docs")
    assert read_traceback(text).message == "bad\nrow 7\n\nsee the docs"


def test_an_exception_without_a_message_has_an_empty_one():
    text = text_of(HEADER, '  File "a.py", line 1, in f', "KeyboardInterrupt")
    assert read_traceback(text)[:2] == ("KeyboardInterrupt", "")


def test_a_syntax_error_says_where_as_its_own_text_does():
    frame = ('  File "a.py", line 1, in f', "    compile(x)")
    place = ('  File "/srv/<shop>.py", line 3', "    x = = 1", "        ^")
    read = read_traceback(text_of(HEADER, *frame, *place, "SyntaxError: invalid syntax"))
    assert (read.type, read.message) == ("SyntaxError", "invalid syntax (<shop>.py, line 3)")
    assert read.stack == (Frame("a.py", 1, "f"),)


def test_a_syntax_error_of_the_interpreter_itself_has_no_header():
    text = text_of('  File "C:\\shop\\a.py", line 2', "    x = (", "        ^", "SyntaxError: '(' was never closed")
    read = read_traceback(text)
    assert (read.type, read.message, read.stack) == ("SyntaxError", "'(' was never closed (a.py, line 2)", ())


def test_repeated_frames_are_counted_and_a_deep_stack_keeps_both_ends():
    text = (
        'Traceback (most recent call last):\n  File "a.py", line 9, in main\n    f()\n'
        + '  File "a.py", line 3, in f\n    f()\n' * 3
        + "  [Previous line repeated 992 more times]\n"
        + '  File "a.py", line 2, in last\nRecursionError: maximum recursion depth exceeded\n'
    )
    stack = read_traceback(text).stack
    assert len(stack) == 64
    assert (stack[0].function, stack[-1].function) == ("main", "last")


def test_python_2_prints_class_names_alone():
    text = text_of(HEADER, '  File "a.py", line 1, in f', "    g()", "error: [Errno 111] Connection refused")
    assert read_traceback(text)[:2] == ("error", "[Errno 111] Connection refused")


def test_the_traceback_of_another_process_is_the_message_of_the_exception_that_brings_it():
    text = '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  File "pool.py", line 261, in work
    call()
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 5, in run
    pool.submit(call).result()
ZeroDivisionError: division by zero
'''
    read = read_traceback(text)
    assert (read.type, read.message, len(read.stack)) == ("ZeroDivisionError", "division by zero", 1)
    (cause,) = read.causes
    assert cause.type == "concurrent.futures.process._RemoteTraceback"
    assert cause.message.startswith('\n"""\nTraceback (most recent call last):\n  File "pool.py"')


def test_a_traceback_that_somebody_appended_is_not_part_of_the_message():
    own = (HEADER, '  File "a.py", line 1, in f', "TypeError: none")
    appended = (HEADER, "", '  File "b.py", line 2, in g', "    x", "", "TypeError: none")
    read = read_traceback(text_of(*own, *appended))
    assert (read.message, read.stack) == ("none", (Frame("a.py", 1, "f"),))


def test_a_traceback_cut_before_its_last_line_has_frames_and_no_type():
    read = read_traceback(text_of(HEADER, '  File "a.py", line 1, in f', "    g()", '  File "b.py", line'))
    assert (read.type, read.message, read.stack) == ("", "", (Frame("a.py", 1, "f"),))


def test_a_cause_without_a_traceback_is_a_cause():
    text = "urllib3.exceptions.ResponseError: too many 500 answers\n" + DIRECT_CAUSE + CHAINED.split("\n\n")[-1]
    assert named(read_traceback(text)) == [("cause", "urllib3.exceptions.ResponseError", "too many 500 answers")]


def test_no_more_causes_are_kept_than_capture_keeps():
    one = "Traceback (most recent call last):\nValueError: x\n"
    text = "\nDuring handling of the above exception, another exception occurred:\n\n".join([one] * 40)
    assert len(read_traceback(text).causes) == 16


def test_a_very_deep_tree_is_read_as_far_as_it_goes():
    lines = ["  + Exception Group Traceback (most recent call last):", "  | ExceptionGroup: g (1 sub-exception)"]
    for depth in range(500):
        lines += [" " * (2 + 2 * depth) + "+-+---------------- 1 ----------------"]
        lines += [" " * (4 + 2 * depth) + "| ExceptionGroup: g (1 sub-exception)"]
    assert read_traceback("\n".join(lines)).type == "ExceptionGroup"
