"""An ECS that lives: moto's, with a service scheduler and everything that follows from one."""
