"""Les jetons : auth les signe, person et health les vérifient."""
import os
import time

import jwt
from flask import request

# Étape 4.1 : le secret vient de l'environnement, jamais d'ici.


def sign(username):
    """Étape 4.3 : un JWT au nom de cet utilisateur, valable 15 minutes."""


def protect(app):
    """Étape 4.4 : avant chaque requête à ce service, refuser celle qui n'a pas de jeton valide."""
