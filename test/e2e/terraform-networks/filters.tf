resource "aws_security_group" "balancer" {
  name        = "balancer"
  description = "What the world reaches"
  vpc_id      = aws_vpc.shop.id
  ingress {
    description      = "web"
    from_port        = 80
    to_port          = 80
    protocol         = "tcp"
    cidr_blocks      = var.release == 1 ? ["0.0.0.0/0"] : ["198.51.100.0/24", "203.0.113.0/24"]
    ipv6_cidr_blocks = ["::/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "web" {
  name_prefix            = "web-"
  vpc_id                 = aws_vpc.shop.id
  revoke_rules_on_delete = true
}

resource "aws_security_group_rule" "self" {
  type              = "ingress"
  security_group_id = aws_security_group.web.id
  self              = true
  protocol          = "icmp"
  from_port         = -1
  to_port           = -1
}

resource "aws_vpc_security_group_ingress_rule" "from_balancer" {
  security_group_id            = aws_security_group.web.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = var.release == 1 ? 8080 : 8090
  description                  = "from the balancer"
}

resource "aws_vpc_security_group_egress_rule" "to_offices" {
  security_group_id = aws_security_group.web.id
  prefix_list_id    = aws_ec2_managed_prefix_list.offices.id
  ip_protocol       = "-1"
}

resource "aws_default_security_group" "shop" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr        = "198.51.100.0/24"
    description = "north"
  }
  dynamic "entry" {
    for_each = var.release == 1 ? [] : ["203.0.113.0/24"]
    content {
      cidr        = entry.value
      description = "south"
    }
  }
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.shop.id
  subnet_ids = aws_subnet.private[*].id
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.20.0.0/16"
    from_port  = 0
    to_port    = var.release == 1 ? 65535 : 8080
  }
  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_network_acl_rule" "pings" {
  network_acl_id = aws_network_acl.public.id
  rule_number    = 200
  egress         = false
  protocol       = "icmp"
  rule_action    = "deny"
  cidr_block     = "192.0.2.0/24"
  icmp_type      = 8
  icmp_code      = -1
}

resource "aws_network_acl" "public" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_network_acl_association" "public" {
  network_acl_id = aws_network_acl.public.id
  subnet_id      = aws_subnet.public[0].id
}

resource "aws_default_network_acl" "shop" {
  default_network_acl_id = aws_vpc.shop.default_network_acl_id
  subnet_ids             = [aws_subnet.public[1].id]
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}
