terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {
  type = string
}

variable "certificates" {
  type = string
}

# What the second apply changes in place.
variable "release" {
  type    = number
  default = 1
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "AKIAROOT"
  secret_key                  = "secret"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    ec2   = var.endpoint
    elbv2 = var.endpoint
  }
  default_tags {
    tags = { release = tostring(var.release) }
  }
}

locals {
  certificates = split(",", var.certificates)
}
