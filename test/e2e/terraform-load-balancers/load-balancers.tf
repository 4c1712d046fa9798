resource "aws_security_group" "web" {
  name        = "web"
  description = "lets HTTP in"
  vpc_id      = aws_vpc.shop.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "web" {
  name                       = "web"
  subnets                    = slice(aws_subnet.shop[*].id, 0, var.release + 1)
  security_groups            = [aws_security_group.web.id]
  idle_timeout               = 60 * var.release
  drop_invalid_header_fields = true
  depends_on                 = [aws_internet_gateway.shop]
}

resource "aws_lb" "tcp" {
  name                             = "tcp"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = aws_subnet.shop[*].id
  enable_cross_zone_load_balancing = var.release == 2
}

resource "aws_lb_target_group" "blue" {
  name                 = "blue"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = aws_vpc.shop.id
  target_type          = "ip"
  deregistration_delay = 10 * var.release
  health_check {
    path                = "/health"
    interval            = 10
    healthy_threshold   = 1 + var.release
    unhealthy_threshold = 2
    matcher             = "200-299"
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
  }
}

resource "aws_lb_target_group" "green" {
  name                          = "green"
  port                          = 8080
  protocol                      = "HTTP"
  protocol_version              = "HTTP1"
  vpc_id                        = aws_vpc.shop.id
  target_type                   = "ip"
  load_balancing_algorithm_type = "least_outstanding_requests"
}

resource "aws_lb_target_group" "tcp" {
  name        = "tcp"
  port        = 5432
  protocol    = "TCP"
  vpc_id      = aws_vpc.shop.id
  target_type = "ip"
}

resource "aws_lb_target_group_attachment" "blue" {
  target_group_arn = aws_lb_target_group.blue.arn
  target_id        = "10.20.0.200"
  port             = 8080 + var.release
}

resource "aws_lb_target_group_attachment" "outside" {
  target_group_arn  = aws_lb_target_group.tcp.arn
  target_id         = "10.99.0.1"
  availability_zone = "all"
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = var.release == 1 ? aws_lb_target_group.blue.arn : aws_lb_target_group.green.arn
  }
}

resource "aws_lb_listener" "old" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8000
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "80"
      status_code = var.release == 1 ? "HTTP_302" : "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.shop[var.release - 1].arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.green.arn
  }
}

resource "aws_lb_listener_certificate" "other" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.shop[2].arn
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.tcp.arn
  port              = 5432
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

resource "aws_lb_listener_rule" "split" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10 * var.release
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 90 / var.release
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 10 * var.release
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
  condition {
    host_header {
      values = ["*.example.com"]
    }
  }
  condition {
    path_pattern {
      values = ["/v${var.release}/*"]
    }
  }
}

resource "aws_lb_listener_rule" "answer" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 5
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "release ${var.release}"
      status_code  = "200"
    }
  }
  condition {
    http_header {
      http_header_name = "X-Version"
      values           = ["?"]
    }
  }
  condition {
    query_string {
      key   = "version"
      value = "*"
    }
  }
  condition {
    source_ip {
      values = ["10.0.0.0/8"]
    }
  }
  condition {
    http_request_method {
      values = ["GET"]
    }
  }
}
