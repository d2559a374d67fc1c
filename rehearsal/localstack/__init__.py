"""``--stage localstack``: what LocalStack's community edition serves is asked of it, the rest of the served stage.

LocalStack's S3 keeps Terraform's state, its STS says who we are, its IAM and its Logs know the roles and the log group.
ECS, load balancer, registry, secrets and the lock table stay the stage's own, which LocalStack serves only with a licence or
without a life of their own.
"""
