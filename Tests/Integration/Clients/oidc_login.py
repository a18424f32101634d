"""Signs a user in at a real OpenID provider by the authorization code flow and prints the ID token.

Arguments: the provider's URL, the client id, the user's sub.
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

provider, client, subject = sys.argv[1:4]
redirect = "http://127.0.0.1:1/callback"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(NoRedirect)
query = urllib.parse.urlencode({"client_id": client, "redirect_uri": redirect, "response_type": "code", "scope": "openid"})
try:
    opener.open(f"{provider}/oauth2/authorize?{query}", data=urllib.parse.urlencode({"sub": subject}).encode())
    sys.exit("the provider did not redirect")
except urllib.error.HTTPError as answer:
    location = answer.headers["Location"]
code = urllib.parse.parse_qs(urllib.parse.urlparse(location).query)["code"][0]
form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": client, "client_secret": "s"}
with urllib.request.urlopen(f"{provider}/oauth2/token", data=urllib.parse.urlencode(form).encode()) as answer:
    print(json.load(answer)["id_token"])
