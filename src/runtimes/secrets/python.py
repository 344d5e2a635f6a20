# Packed into functions that have secrets: reads them when the function starts, puts them into its environment, and only then
# loads its handler. Signs its own request, so that the function's start does not wait for an SDK.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import datetime
import hashlib
import hmac
import importlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request

# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
_MOST_NAMES = 10
_region = os.environ.get("AWS_REGION", "us-east-1")


def _endpoint():
    given = os.environ.get("AWS_ENDPOINT_URL_SSM") or os.environ.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if _region.startswith("cn-") else "amazonaws.eu" if _region.startswith("eusc-") else "amazonaws.com"
    return given or "https://ssm.%s.%s" % (_region, suffix)


def _get_parameters(names):
    url = _endpoint().rstrip("/") + "/"
    body = json.dumps({"Names": names, "WithDecryption": True}).encode()
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    token = os.environ.get("AWS_SESSION_TOKEN")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": urllib.parse.urlsplit(url).netloc,
        "x-amz-date": time,
        **({"x-amz-security-token": token} if token else {}),
        "x-amz-target": "AmazonSSM.GetParameters",
    }
    signed = ";".join(headers)
    lines = "".join("%s:%s\n" % pair for pair in headers.items())
    request = "\n".join(["POST", "/", "", lines, signed, hashlib.sha256(body).hexdigest()])
    scope = "%s/%s/ssm/aws4_request" % (time[:8], _region)
    key = ("AWS4" + os.environ.get("AWS_SECRET_ACCESS_KEY", "")).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        os.environ.get("AWS_ACCESS_KEY_ID", ""), scope, signed, signature
    )
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as response:
            return json.load(response)["Parameters"]
    except urllib.error.HTTPError as error:
        # the answer to a request that failed holds no value of a secret
        raise RuntimeError("fx: secrets cannot be read: %s" % error.read().decode(errors="replace")[:500]) from None


def _read():
    wanted = list(json.loads(os.environ.get("FX_SECRETS", "{}")).items())
    for start in range(0, len(wanted), _MOST_NAMES):
        batch = wanted[start : start + _MOST_NAMES]
        # two variables may hold one secret; the API takes a name once
        found = _get_parameters(list(dict.fromkeys(name for _, name in batch)))
        values = {key: one["Value"] for one in found for key in (one["Name"], one["Name"] + one.get("Selector", ""))}
        for variable, name in batch:
            if name not in values:
                raise RuntimeError("fx: there is no parameter %s for the secret %s" % (name, variable))
            os.environ[variable] = values[name]


_read()
_file, _, _name = os.environ.get("FX_HANDLER", "").partition("#")
handler = getattr(importlib.import_module(_file), _name)
