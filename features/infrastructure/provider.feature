@infrastructure @provider
Feature: The infrastructure on Terraform's AWS provider
  Use it when the infrastructure that has to go back is that of the AWS provider, and somebody may have changed
  it by hand. The same rollback on real resources: network, security groups, load balancer, service and
  database. What Terraform's built-in resources can't show is shown here: changes that somebody has made by
  hand, and a service whose revision is Terraform's own business.

  Symptoms: terraform plan shows changes that nobody has committed; the load balancer can't reach the tasks
  since a security group was changed.

  Background:
    Given the service runs the newest commit of its branch
    And its infrastructure is what Terraform has applied

  Scenario: A security group no longer admits the load balancer
    Given the pull request "Close the service's port" was merged and applied
    And the load balancer finds no task healthy
    When we roll the infrastructure back to before "Close the service's port"
    Then the infrastructure has been rolled back
    And the load balancer finds every task healthy
    And the application answers without errors
    And a second look confirms that Terraform has nothing left to change

  Scenario: Somebody has changed something by hand, which the rollback would overwrite
    Given the pull request "Close the service's port" was merged and applied
    And somebody has changed by hand for how long logs are kept
    When we plan to roll the infrastructure back to before "Close the service's port"
    Then we are warned that somebody has changed aws_cloudwatch_log_group.app besides Terraform

  Scenario: After an emergency rollback, the next apply would bring the bad revision back
    Given somebody has rolled the service back to the revision before
    Then we are told that the next apply would bring the revision back that was rolled back
