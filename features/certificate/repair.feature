@certificate
Feature: Have a certificate validated and served
  Use it when HTTPS fails or is going to, or a certificate waits for its validation. A certificate that isn't
  issued is nearly always missing its record in DNS, or has it wrong, or in a zone that nobody asks. The repair
  compares record by record, mends just those, waits for ACM, attaches the certificate, and believes nothing but
  a TLS handshake with the load balancer. The certificate of before stays until the new one serves.

  Symptoms: HTTPS fails; browsers warn that the certificate has expired or isn't trusted; ACM says Pending
  validation; ACM could not renew the certificate.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And the load balancer serves a certificate that is valid

  Rule: The certificate waits for its validation

    Scenario Outline: The record <trouble>, in <environment>
      Given the validation record <trouble>
      And a new certificate was requested
      When we look what stands in the way of the new certificate
      Then we are warned that the validation record <what>
      When we repair the new certificate
      Then the new certificate is issued and serves
      And a TLS handshake trusts its chain, its host and its dates
      And the record is right in the zone that the world asks
      And the certificate of before is still in ACM
      And a second look confirms that the certificate serves

      Examples:
        | environment | trouble                             | what       |
        | development | is missing                          | is missing |
        | staging     | leads elsewhere                     | leads to   |
        | production  | is missing                          | is missing |
        | production  | leads elsewhere                     | leads to   |
        | production  | is in a private zone                | is missing |
        | production  | is in a zone that nobody leads to   | is missing |

    Scenario: A record in the wrong zone is named, and left there
      Given the validation record is in a private zone
      And a new certificate was requested
      When we repair the new certificate
      Then we are warned that the record is in a zone which nobody asks
      And the new certificate is issued and serves
      And the record in the wrong zone is still there

    Scenario: The certificate of before serves until the new one is issued
      Given the validation record is missing
      And a new certificate was requested
      And somebody shakes hands with the load balancer every ten seconds
      When we repair the new certificate
      Then the new certificate is issued and serves
      And every handshake was trusted

    Scenario: The world doesn't see the zone, and half an hour is over
      Given the validation record is missing
      And a new certificate was requested
      And the registrar names other name servers than the zone's
      When we repair the new certificate
      Then we have waited for 30 minutes
      And we are told "not issued"
      And we are advised to see that the registrar names the zone's name servers
      And the certificate of before still serves

    Scenario: ACM refuses while we wait
      Given the validation record is missing
      And a new certificate was requested
      And ACM refuses it a minute later, with CAA_ERROR
      When we repair the new certificate
      Then we are told "CAA_ERROR"
      And the certificate of before still serves

  Rule: The certificate that serves is the trouble

    Scenario: It has expired
      Given the certificate has expired
      And the validation record is missing
      And a new certificate was requested
      Then a TLS handshake says that it has expired
      When we repair the certificate
      Then the new certificate is issued and serves
      And a TLS handshake trusts its chain, its host and its dates

    Scenario: It has expired, and there is no other
      Given the certificate has expired
      And the validation record is missing
      When we try to repair the certificate
      Then it is refused, since ACM in
      And we are advised to request one
      When we have a new certificate requested
      Then the new certificate is issued and serves
      And a TLS handshake trusts its chain, its host and its dates
      And the record is right in the zone that the world asks

    Scenario Outline: The new one <flaw>, so another is requested
      Given the validation record is missing
      And a new certificate <flaw>
      When we have a new certificate requested
      Then the new certificate is issued and serves
      And a TLS handshake trusts its chain, its host and its dates

      Examples:
        | flaw                 |
        | has failed           |
        | is for another host  |
        | is in another region |

    Scenario: It is valid, and must be replaced nevertheless
      When we have a new certificate requested
      Then the new certificate is issued and serves
      And the certificate of before is still in ACM
      When we undo the repair of the certificate
      Then the certificate of before still serves

    Scenario: It serves, but could not be renewed
      Given the validation record is missing
      When we repair the certificate
      Then the record is right in the zone that the world asks
      And the certificate of before still serves

    Scenario: There is nothing wrong with it
      When we repair the certificate
      Then we are told "already"
      And the certificate of before still serves

  Rule: Going back

    Scenario: The new certificate isn't trusted
      Given a new certificate was requested, and its chain leads to nobody who is known
      When we repair the new certificate
      Then we are told "attached again and serves"
      And the certificate of before still serves

    Scenario: The repair is undone
      Given the validation record is missing
      And a new certificate was requested
      When we repair the new certificate
      And we undo the repair of the certificate
      Then the certificate of before still serves
      And the record is right in the zone that the world asks

    Scenario: Interrupted, and done once more
      Given the validation record is missing
      And a new certificate was requested
      And we press Ctrl-C half a minute into the repair
      When we repair the new certificate
      Then the certificate of before still serves
      When we repair the new certificate
      Then the new certificate is issued and serves

    Scenario: Interrupted when a new one had just been requested
      Given the validation record is missing
      And we press Ctrl-C when ACM has taken the request
      When we have a new certificate requested
      Then the certificate of before still serves
      When we have a new certificate requested
      Then we are warned that it is taken on, and no other is requested
      And the new certificate is issued and serves
      And no more than one certificate was requested
