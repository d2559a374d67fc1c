@checklist
Feature: The list before a rollback
  Use it when you are about to roll back, whatever the way. A rollback in a hurry does harm of its own. So four
  things are known before it begins: the issue is confirmed and the rollback will fix it, the team is notified,
  the commit or the pull request is known, and access to AWS is there. What can be proven is proven by looking;
  for the rest a person answers by name, and their word expires.

  Symptoms: the rollback says that the checklist isn't complete.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And revision 42 was deployed and is healthy

  Scenario Outline: A rollback begins with everything and stops for anything, lacking <missing>
    Given <confirms> has confirmed the issue
    And <tells> has told the team
    And <names> has named the change
    And we are signed in to <account>
    When we try to begin the rollback
    Then the list lacks <missing>
    And in the end the service runs revision <revision> on every task

    Examples:
      | confirms | tells    | names    | account                   | missing                             | revision |
      | somebody | somebody | somebody | the environment's account | nothing                             | 41       |
      | somebody | somebody | somebody | another account           | access                              | 42       |
      | somebody | somebody | nobody   | the environment's account | change                              | 42       |
      | somebody | somebody | nobody   | another account           | change, access                      | 42       |
      | somebody | nobody   | somebody | the environment's account | notified                            | 42       |
      | somebody | nobody   | somebody | another account           | notified, access                    | 42       |
      | somebody | nobody   | nobody   | the environment's account | notified, change                    | 42       |
      | somebody | nobody   | nobody   | another account           | notified, change, access            | 42       |
      | nobody   | somebody | somebody | the environment's account | confirmed                           | 42       |
      | nobody   | somebody | somebody | another account           | confirmed, access                   | 42       |
      | nobody   | somebody | nobody   | the environment's account | confirmed, change                   | 42       |
      | nobody   | somebody | nobody   | another account           | confirmed, change, access           | 42       |
      | nobody   | nobody   | somebody | the environment's account | confirmed, notified                 | 42       |
      | nobody   | nobody   | somebody | another account           | confirmed, notified, access         | 42       |
      | nobody   | nobody   | nobody   | the environment's account | confirmed, notified, change         | 42       |
      | nobody   | nobody   | nobody   | another account           | confirmed, notified, change, access | 42       |

  Scenario: A refusal names what is missing, and both ways on
    Given somebody has confirmed the issue
    And somebody has told the team
    When we try to begin the rollback
    Then it is refused, since 1 of the 4 items of the checklist is missing
    And we are advised to have somebody attest it, as "change"
    And nothing has changed

  Scenario: What somebody attests stands there with their name, and expires
    Given somebody has confirmed the issue
    And somebody has told the team
    And somebody has named the change
    When we look at the list before the rollback
    Then "confirmed" is attested, with a name and a time
    And the list lacks nothing

  Scenario: What was attested an hour ago no longer counts
    Given somebody has confirmed the issue
    And somebody has named the change
    And 60 minutes have passed since
    And somebody has told the team
    When we try to begin the rollback
    Then the list lacks confirmed, change
    And it is refused, since has expired
    And nothing has changed

  Scenario: Nobody's word counts against what is seen
    Given somebody has confirmed the issue
    And somebody has told the team
    And somebody has named the change
    And somebody has attested "access"
    And we are signed in to another account
    When we try to begin the rollback
    Then it is refused, since doesn't count against that
    And nothing has changed

  Rule: It can't wait

    Scenario: The list is overridden with a reason, which lands in the record
      Given somebody has overridden the list with a reason
      When we begin the rollback
      Then in the end the service runs revision 41 on every task
      And the record says who decided to begin, why, and what was missing

    Scenario: Also that decision expires
      Given somebody has overridden the list with a reason
      And 60 minutes have passed since
      When we try to begin the rollback
      Then it is refused, since 3 of the 4 items of the checklist are missing
      And nothing has changed

  Rule: The team's webhook can neither stop nor delay a rollback

    Scenario: The team is told once that it begins, and once how it ended
      Given somebody has confirmed the issue
      And somebody has told the team
      And somebody has named the change
      When we begin the rollback
      And somebody has told the team
      Then the team was told once that it begins, and once how it ended
      And the rollback kept to its 2 to 5 minutes

    Scenario Outline: The webhook <trouble>, so they are told by telephone
      Given somebody has confirmed the issue
      And somebody has named the change
      And the team's webhook <trouble>
      And somebody has told the team
      When we try to begin the rollback
      Then the list lacks notified
      And "notified" is missing, since <seen>
      When somebody attests "notified"
      And we begin the rollback
      Then in the end the service runs revision 41 on every task
      And the rollback kept to its 2 to 5 minutes

      Examples:
        | trouble            | seen                                |
        | fails              | hooks.chat.example answers 500      |
        | hangs              | took the message and did not answer |
        | sends us elsewhere | hooks.chat.example answers 307      |
        | was deleted        | hooks.chat.example answers 404      |
        | can't be reached   | hooks.chat.example can't be reached |

    Scenario: The webhook asks for time, and gets it
      Given somebody has confirmed the issue
      And somebody has named the change
      And the team's webhook asks for time
      And somebody has told the team
      When we begin the rollback
      Then the list lacks nothing
      And the team was told once that it begins, and once how it ended
      And the rollback kept to its 2 to 5 minutes
