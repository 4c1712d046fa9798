terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {
  type = string
}

variable "image" {
  type = string
}

# What the second apply changes in place.
variable "release" {
  type    = number
  default = 1
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {
    ecs  = var.endpoint
    logs = var.endpoint
    sts  = var.endpoint
    iam  = var.endpoint
  }
  default_tags {
    tags = { release = tostring(var.release) }
  }
}

locals {
  container = {
    name        = "main"
    image       = var.image
    memory      = 16
    stopTimeout = 1
    command     = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
    environment = [{ name = "RELEASE", value = tostring(var.release) }]
  }
}

resource "aws_ecs_account_setting_default" "long_ids" {
  name  = "taskLongArnFormat"
  value = "enabled"
}

resource "aws_ecs_account_setting_default" "insights" {
  name  = "containerInsights"
  value = var.release == 1 ? "disabled" : "enabled"
}

resource "aws_ecs_cluster" "empty" {
  name = "empty"
  setting {
    name  = "containerInsights"
    value = var.release == 1 ? "disabled" : "enabled"
  }
  configuration {
    execute_command_configuration {
      logging = var.release == 1 ? "NONE" : "DEFAULT"
    }
  }
}

resource "aws_ecs_tag" "team" {
  resource_arn = data.aws_ecs_cluster.default.arn
  key          = "team"
  value        = "shop-${var.release}"
}

# This machine is in it.
data "aws_ecs_cluster" "default" {
  cluster_name = "default"
}
