resource "aws_ecs_task_definition" "small" {
  family                   = "small"
  requires_compatibilities = ["EC2"]
  container_definitions    = jsonencode([local.container])
}

resource "aws_cloudwatch_log_group" "full" {
  name              = "/shop/full"
  retention_in_days = 7
}

# Most of what the provider knows of a task definition; no service runs it.
resource "aws_ecs_task_definition" "full" {
  family                   = "full"
  network_mode             = "bridge"
  requires_compatibilities = ["EC2"]
  cpu                      = "256"
  memory                   = "128"
  pid_mode                 = "task"
  ipc_mode                 = "task"
  task_role_arn            = "arn:aws:iam::000000000000:role/task"
  execution_role_arn       = "arn:aws:iam::000000000000:role/execution"
  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.os-type == linux"
  }
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
  volume {
    name = "shared"
    docker_volume_configuration {
      scope       = "task"
      driver      = "local"
      driver_opts = { type = "tmpfs", device = "tmpfs" }
      labels      = { of = "full" }
    }
  }
  volume {
    name      = "host"
    host_path = "/tmp"
  }
  container_definitions = jsonencode([
    merge(local.container, {
      essential       = true
      cpu             = 128
      portMappings    = [{ containerPort = 80, protocol = "tcp", name = "http" }]
      mountPoints     = [{ sourceVolume = "shared", containerPath = "/shared", readOnly = false }]
      dependsOn       = [{ containerName = "side", condition = "START" }]
      healthCheck     = { command = ["CMD-SHELL", "true"], interval = 5, timeout = 2, retries = 3 }
      secrets         = [{ name = "PASSWORD", valueFrom = "arn:aws:ssm:us-east-1:000000000000:parameter/password" }]
      ulimits         = [{ name = "nofile", softLimit = 1024, hardLimit = 2048 }]
      dockerLabels    = { tier = "web" }
      linuxParameters = { initProcessEnabled = true }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.full.name
          awslogs-region        = "us-east-1"
          awslogs-stream-prefix = "full"
        }
      }
    }),
    merge(local.container, { name = "side", essential = false }),
  ])
}
