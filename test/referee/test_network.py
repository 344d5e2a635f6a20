"""What fx doctor says of VPCs, asked of an EC2 that is not ours: the local AWS has none."""
import boto3
from conftest import CREDENTIALS, Project, serving_moto

PROJECT = """name: shop
region: us-east-1
environments: {prod: {}}
functions:
  orders:
    runtime: nodejs22.x
    handler: a.handler
    vpc: {subnetIds: [%s], securityGroupIds: [sg-1]}
    permissions: ["sqs:SendMessage on *", "s3:GetObject on arn:aws:s3:::x/*"]
"""


def messages(folder, endpoint, subnets):
    (folder / "project.yml").write_text(PROJECT % ", ".join(subnets))
    project = Project(folder, {"AWS_ENDPOINT_URL": endpoint})
    run = project.fx("doctor", "network", "--env", "prod", succeeds=False)
    return run.stdout, run.returncode


def test_doctor_follows_routes_and_endpoints(tmp_path):
    (tmp_path / "a.ts").write_text("export const handler = async () => 1;\n")
    with serving_moto(tmp_path) as endpoint:
        ec2 = boto3.client(
            "ec2",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

        def subnet(block, zone):
            return ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]

        near, far, small = subnet("10.0.1.0/24", "us-east-1a"), subnet("10.0.2.0/24", "us-east-1b"), subnet("10.0.3.0/28", "us-east-1b")
        for _ in range(6):
            ec2.create_network_interface(SubnetId=small)

        shown, code = messages(tmp_path, endpoint, [near, far])
        assert code == 3
        assert "calls of s3, sqs from" in shown and "there is no route to the internet" in shown
        shown, code = messages(tmp_path, endpoint, [near, "subnet-0123456789abcdef0"])
        assert code == 3 and "subnet-0123456789abcdef0 is not in us-east-1 of this account" in shown
        shown, code = messages(tmp_path, endpoint, [near, small])
        assert f"{small} has 5 free addresses" in shown

        table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        shown, code = messages(tmp_path, endpoint, [near, far])
        assert code == 3 and "functions have no public address" in shown

        public = subnet("10.0.9.0/24", "us-east-1a")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
        shown, code = messages(tmp_path, endpoint, [near, far])
        assert code == 0 and "what goes to s3 passes the NAT gateway" in shown
        ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Gateway", ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table])
        shown, code = messages(tmp_path, endpoint, [near, far])
        assert code == 0 and "NAT" not in shown, shown
