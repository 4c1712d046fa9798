resource "aws_ecs_service" "rolling" {
  name                               = "rolling"
  task_definition                    = aws_ecs_task_definition.small.arn
  desired_count                      = 1 + var.release
  launch_type                        = "EC2"
  deployment_minimum_healthy_percent = 50
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  enable_execute_command             = var.release == 2
  wait_for_steady_state              = true
  deployment_circuit_breaker {
    enable   = true
    rollback = var.release == 1
  }
  alarms {
    alarm_names = ["errors"]
    enable      = false
    rollback    = false
  }
  ordered_placement_strategy {
    type  = "spread"
    field = "attribute:ecs.availability-zone"
  }
  dynamic "ordered_placement_strategy" {
    for_each = var.release == 1 ? ["instanceId"] : ["instanceId", "host"]
    content {
      type  = "spread"
      field = ordered_placement_strategy.value
    }
  }
  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.os-type == linux"
  }
  tags = { team = "shop" }
}

# Nothing but what must be there, and its revision by a name.
resource "aws_ecs_service" "plain" {
  name            = "plain"
  task_definition = "${aws_ecs_task_definition.small.family}:${aws_ecs_task_definition.small.revision}"
}

resource "aws_ecs_service" "packed" {
  name            = "packed"
  task_definition = aws_ecs_task_definition.small.arn
  desired_count   = var.release
  ordered_placement_strategy {
    type  = "binpack"
    field = "memory"
  }
}

resource "aws_ecs_service" "daemon" {
  name                  = "daemon"
  task_definition       = aws_ecs_task_definition.small.arn
  scheduling_strategy   = "DAEMON"
  wait_for_steady_state = true
}

resource "aws_ecs_service" "external" {
  name          = "external"
  desired_count = 2
  deployment_controller {
    type = "EXTERNAL"
  }
}

resource "aws_ecs_task_set" "blue" {
  service         = aws_ecs_service.external.id
  cluster         = "default"
  task_definition = aws_ecs_task_definition.small.arn
  external_id     = "blue"
  force_delete    = true
  scale {
    unit  = "PERCENT"
    value = 50 * var.release
  }
  wait_until_stable = true
}

data "aws_ecs_service" "rolling" {
  service_name = aws_ecs_service.rolling.name
  cluster_arn  = aws_ecs_service.rolling.cluster
}

data "aws_ecs_task_definition" "small" {
  task_definition = aws_ecs_task_definition.small.family
}

output "rolling" {
  value = {
    desired_count   = data.aws_ecs_service.rolling.desired_count
    task_definition = data.aws_ecs_service.rolling.task_definition
    revision        = data.aws_ecs_task_definition.small.revision
  }
}
