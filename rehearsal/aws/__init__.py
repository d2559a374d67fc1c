"""The AWS of the stage: moto, and the parts of ECS and its load balancer that moto lacks."""
