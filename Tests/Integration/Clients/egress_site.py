"""Makes a site of files: a Python index with one package, and a repository of git, to be cloned over HTTP without a program behind it.

usage: egress_site.py FOLDER
"""
import os
import subprocess
import sys
import zipfile

folder = sys.argv[1]
package = os.path.join(folder, "simple", "stile-sample")
os.makedirs(package)
name = "stile_sample-1.0-py3-none-any.whl"
info = "stile_sample-1.0.dist-info"
with zipfile.ZipFile(os.path.join(package, name), "w") as wheel:
    wheel.writestr("stile_sample.py", "answer = 42\n")
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: stile-sample\nVersion: 1.0\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", f"stile_sample.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
with open(os.path.join(package, "index.html"), "w", encoding="utf-8") as page:
    page.write(f'<!DOCTYPE html><html><body><a href="{name}">{name}</a></body></html>')

work = os.path.join(folder, "work")


def git(*arguments):
    settings = ["-c", "user.name=Test", "-c", "user.email=t@e.example", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *settings, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


git("init", work)
with open(os.path.join(work, "README"), "w", encoding="utf-8") as file:
    file.write("a repository\n")
git("-C", work, "add", "README")
git("-C", work, "commit", "-m", "One")
git("clone", "--bare", work, os.path.join(folder, "repository.git"))
git("-C", os.path.join(folder, "repository.git"), "update-server-info")
