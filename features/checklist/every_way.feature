@checklist
Feature: Whatever the way back, the list comes first
  The list stands before every way back, not only before the emergency rollback. Without it nothing is begun; who
  can't wait decides so by name, and the reason stands in the record.

  Scenario Outline: Nobody begins to <begin> without the list, but for a reason
    Given <place>
    And <ground>
    And <trouble>
    And the list stands before whatever we begin
    And somebody has confirmed the issue
    And somebody has told the team
    When we try to <begin>
    Then it is refused, since 1 of the 4 items of the checklist is missing
    And the list lacks change
    And <unchanged>
    When somebody overrides the list with a reason
    And we <begin>
    Then <landed>
    And the record says who decided to begin, why, and what was missing

    Examples: The service
      | begin     | place                                                             | ground                | trouble                                          | unchanged           | landed                                                |
      | roll back | the service has worked with revision 40 and then with revision 41 | the service is steady | revision 42 was deployed and answers with errors | nothing has changed | in the end the service runs revision 41 on every task |

    Examples: The repository
      | begin                    | place                                            | ground                | trouble                                                                             | unchanged                                      | landed                                 |
      | revert "Faster checkout" | the service runs the newest commit of its branch | the service is steady | the pull request "Faster checkout" was merged and deployed, and answers with errors | neither the branch nor the service has changed | the application answers without errors |

    Examples: The infrastructure
      | begin                                                             | place                                            | ground                                           | trouble                                                            | unchanged                                         | landed                                  |
      | roll the infrastructure back to before "Close the service's port" | the service runs the newest commit of its branch | its infrastructure is what Terraform has applied | the pull request "Close the service's port" was merged and applied | the state is as it was, and nobody holds its lock | the infrastructure has been rolled back |
      | restore the state before the last                                 | the service runs the newest commit of its branch | its infrastructure is what Terraform has applied | somebody has removed the database from the state                   | the state is as it was, and nobody holds its lock | the state has been restored             |

    Examples: The certificate
      | begin                            | place                                                             | ground                                               | trouble                          | unchanged                              | landed                                   |
      | have a new certificate requested | the service has worked with revision 40 and then with revision 41 | the load balancer serves a certificate that is valid | the validation record is missing | nothing of the certificate has changed | the new certificate is issued and serves |
