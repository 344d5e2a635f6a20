# requires: cryptography==50.0.2
# answers: ["secret", true]
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def handler(event, context):
    box = Fernet(Fernet.generate_key())
    key = ec.generate_private_key(ec.SECP256R1())
    signature = key.sign(b"x", ec.ECDSA(hashes.SHA256()))
    key.public_key().verify(signature, b"x", ec.ECDSA(hashes.SHA256()))
    return [box.decrypt(box.encrypt(b"secret")).decode(), len(signature) > 60]
