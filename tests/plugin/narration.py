"""A rehearsal in which all sorts of things happen, and how it is told."""

from __future__ import annotations

STEPS = """
    import pytest
    from pytest_bdd import given, parsers, then, when

    from rehearsal.clock import VirtualClock

    class Budget:
        from_seconds = 120
        to_seconds = 300

    @pytest.fixture
    def clock(story):
        clock = VirtualClock()
        story.clock(clock)
        return clock

    @pytest.fixture
    def untidy():
        yield
        raise RuntimeError("a thread is left")

    @given(parsers.parse("the service has run for {seconds:d} seconds"))
    def _(clock, seconds):
        clock.sleep(seconds)

    @when(parsers.parse("we roll back in {seconds:d} seconds"))
    def _(clock, story, seconds):
        print("this is not for people")
        clock.sleep(seconds)
        story.timing("Emergency rollback", seconds, Budget)

    @then("it works")
    def _():
        pass

    @then("it fails")
    def _():
        pytest.fail("one task still answers v40")

    @then("it is skipped")
    def _():
        pytest.skip("there is no terraform")

    @then("it leaves things behind")
    def _(untidy):
        pass
    """

ROLLBACK = """
    Feature: Emergency rollback to an earlier revision

      Scenario Outline: Back in time (<environment>)
        Given the service has run for 60 seconds
        When we roll back in <seconds> seconds
        Then it works

        Examples:
          | environment | seconds |
          | staging     | 130     |
          | production  | 310     |

      Scenario: It fails with a name that is longer than most of the terminals are wide, and is wrapped
        Then it fails
        And it works

      Rule: A rollback that can't succeed is refused
        Scenario Outline: Refused
          Then <what>

          Examples:
            | what                    | why          |
            | it is skipped           | no terraform |
            | it leaves things behind |              |
    """
CERTIFICATE = """
    Feature: A certificate
      Scenario: It has expired
        Given the service has run for 3600 seconds
    """

NARRATION = """\
environment: staging (default), stage: embedded
account: 111122223333, region: eu-central-1, seed: 0

A certificate ──────────────────────────────────────────────────────────────────

  It has expired
    ✓ Given the service has run for 3600 seconds                             1 h

Emergency rollback to an earlier revision ──────────────────────────────────────

  Back in time (staging)
    ✓ Given the service has run for 60 seconds                             1 min
    ✓ When we roll back in 130 seconds                                2 min 10 s
    ✓ Then it works

  Back in time (production)
    ✓ Given the service has run for 60 seconds                             1 min
    ✓ When we roll back in 310 seconds                                5 min 10 s
    ✓ Then it works

  It fails with a name that is longer than most of the terminals are wide, and
  is wrapped
    ✗ Then it fails
      one task still answers v40
      features/ecs/rollback.feature:14, conftest.py:39
    · And it works

  A rollback that can't succeed is refused

  Refused  what: it is skipped, why: no terraform
    ○ Then it is skipped
      skipped: there is no terraform

  Refused  what: it leaves things behind
    ✓ Then it leaves things behind
    ✗ It failed after its last step.
      RuntimeError: a thread is left
      features/ecs/rollback.feature:18, conftest.py:21

Summary ────────────────────────────────────────────────────────────────────────

chapter                                   rehearsed  failed  skipped   simulated
A certificate                                     1       0        0         1 h
Emergency rollback to an earlier                  4       2        1  9 min 20 s
revision

timed                              times     fastest     slowest          budget
✗ Emergency rollback                   2  2 min 10 s  5 min 10 s  2 min to 5 min

✗ It fails with a name that is longer than most of the terminals are wide, and
  is wrapped
  Then it fails
  one task still answers v40
  pytest features/ecs/rollback.feature::test_it_fails_LONG --seed=0

✗ Refused  what: it leaves things behind
  RuntimeError: a thread is left
  pytest 'features/ecs/rollback.feature::test_refused[it leaves things behind-]' --seed=0

5 scenarios rehearsed, 2 failed, 1 skipped: 1 h 9 min of simulated time in T
s.
1 failed, 4 passed, 1 skipped, 1 error in Ts
""".replace("LONG", "with_a_name_that_is_longer_than_most_of_the_terminals_are_wide_and_is_wrapped")
