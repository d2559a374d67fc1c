@certificate
Feature: When a certificate can't be repaired
  Use it when the repair says that no record mends this certificate. No record mends a certificate that has
  failed, is for another host or in another region. What is said is what to request instead, and nothing is
  changed.

  Symptoms: ACM says Failed, or Validation timed out; the certificate is for another host; the repair of the
  certificate is refused.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And the load balancer serves a certificate that is valid

  Scenario Outline: A new certificate <flaw>
    Given a new certificate <flaw>
    When we try to repair the new certificate
    Then it is refused, since <why>
    And we are advised to <advice>
    And nothing of the certificate has changed

    Examples:
      | flaw                         | why                                    | advice                          |
      | has failed                   | was not issued (CAA_ERROR)             | request another one             |
      | has timed out                | it was not proven within 72 hours      | request another one             |
      | has expired                  | has expired                            | request another one             |
      | is for another host          | not for                                | request one for that host       |
      | is in another region         | only certificates of its own region    | request one in                  |
      | waits for an answer by mail  | waits for an answer to a mail          | answer the mail                 |
      | was deleted                  | ACM in                                 | choose one that is there        |

  Scenario: It has expired, and none follows
    Given the certificate has expired
    When we try to repair the certificate
    Then it is refused, since ACM in
    And we are advised to request one
    And nothing of the certificate has changed

  Scenario: Somebody else is in the way of the record
    Given the validation record is missing
    And something else is under the name of the record
    And a new certificate was requested
    When we try to repair the new certificate
    Then it is refused, since there is a TXT record
    And nothing of the certificate has changed

  Scenario: Somebody attaches another certificate in the meantime
    Given a new certificate was requested
    And we have planned to repair the new certificate
    And somebody has attached another certificate
    When we try to apply the repair
    Then it is refused, since the load balancer's listener has changed
    And we are advised to plan again

  Scenario: A certificate that serves can't be deleted
    When somebody deletes the certificate that serves
    Then ACM refuses, since it is in use
    And the certificate of before still serves
