resource "aws_ecs_task_definition" "shop" {
  family                   = "shop"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "web"
    image        = var.image
    command      = ["sh", "-c", "mkdir -p /www/shop && echo release ${var.release} > /www/shop/index.html && exec httpd -f -p 80 -h /www"]
    portMappings = [{ containerPort = 80 }]
    stopTimeout  = 2
  }])
}

resource "aws_security_group" "shop" {
  name   = "shop"
  vpc_id = aws_vpc.shop.id
  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    security_groups = [aws_security_group.web.id]
  }
}

resource "aws_lb_target_group" "shop" {
  name                 = "shop"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = aws_vpc.shop.id
  target_type          = "ip"
  deregistration_delay = 5
  health_check {
    path                = "/shop/"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "shop" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 1
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
  condition {
    path_pattern {
      values = ["/shop/*"]
    }
  }
}

resource "aws_ecs_service" "shop" {
  name                  = "shop"
  task_definition       = aws_ecs_task_definition.shop.arn
  desired_count         = 2
  launch_type           = "FARGATE"
  wait_for_steady_state = true
  network_configuration {
    subnets         = slice(aws_subnet.shop[*].id, 0, var.release + 1)
    security_groups = [aws_security_group.shop.id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.shop.arn
    container_name   = "web"
    container_port   = 80
  }
  depends_on = [aws_lb_listener_rule.shop]
}

resource "aws_ecs_task_definition" "steady" {
  family                   = "steady"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "web"
    image        = var.image
    command      = ["httpd", "-f", "-p", "80", "-h", "/etc"]
    portMappings = [{ containerPort = 80 }]
    stopTimeout  = 2
  }])
}

resource "aws_lb_target_group" "steady" {
  name                 = "steady"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = aws_vpc.shop.id
  target_type          = "ip"
  deregistration_delay = 5
  health_check {
    path              = "/passwd"
    interval          = 5
    timeout           = 2
    healthy_threshold = 2
  }
}

resource "aws_lb_listener_rule" "steady" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 2
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.steady.arn
  }
  condition {
    path_pattern {
      values = ["/passwd"]
    }
  }
}

# Its deployments are CodeDeploy's: Terraform changes how many tasks it has.
resource "aws_ecs_service" "steady" {
  name            = "steady"
  task_definition = aws_ecs_task_definition.steady.arn
  desired_count   = var.release
  launch_type     = "FARGATE"
  deployment_controller {
    type = "CODE_DEPLOY"
  }
  network_configuration {
    subnets         = aws_subnet.shop[*].id
    security_groups = [aws_security_group.shop.id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.steady.arn
    container_name   = "web"
    container_port   = 80
  }
  depends_on = [aws_lb_listener_rule.steady]
}
