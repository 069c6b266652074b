# Everything a newcomer types. Thinking is done in app/local; here only what runs in which order.

PYTHON := .venv/bin/python
STAMP := .venv/requirements.stamp

.DEFAULT_GOAL := help
.PHONY: help setup run stop reset demo-day check fix test bench screenshots lighthouse

help: ## この一覧を表示する
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## .venv に必要なものを入れる（requirements が変わったときだけ）

run: $(STAMP) ## 会館を始める（データベースも用意する）。Ctrl-C で止まる
	@$(PYTHON) -m app.local run

stop: $(STAMP) ## 動いている会館と、その残りを止める
	@$(PYTHON) -m app.local stop

reset: $(STAMP) ## 止めて、手元のデータベース（var/postgres）を消す
	@$(PYTHON) -m app.local reset

demo-day: $(STAMP) ## 見本の予約を、今日を中心とした日付に移す
	@$(PYTHON) -m app.local demo-day

check: $(STAMP) ## 書式・型・層・規則を確かめる（1分以内）
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/mypy --strict app
	$(PYTHON) -m pytest tests/rules tests/conventions -q

fix: $(STAMP) ## 書式と、機械が直せるものを直す
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

test: $(STAMP) ## すべてのテスト（Chromium がなければ入れる。CI と同じ）
	@$(PYTHON) -m app.local.browser
	@$(MAKE) --no-print-directory check
	CHROMIUM="$$($(PYTHON) -m app.local.browser)" $(PYTHON) -m pytest -n 2 --dist loadfile

bench: $(STAMP) ## 速さを測る
	$(PYTHON) -m bench

screenshots: $(STAMP) ## 画面の写真を撮る（make run を別の端末で）
	$(PYTHON) -m tests.screenshots

lighthouse: $(STAMP) ## 住民の画面を Lighthouse で測る（make run を別の端末で。Node 20 以上）
	$(PYTHON) -m tests.lighthouse

# The newest Python that the pinned packages were tried with comes first, then any that will do.
# Each is run and not only looked for: a version manager's stand-in may be on PATH without it.
$(STAMP): requirements.txt requirements-dev.txt
	@set -eu; \
	fits='import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'; \
	if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  for base in python3.13 python3.12 python3.11 python3.14 python3 none; do \
	    "$$base" -c "$$fits" 2>/dev/null && break; \
	  done; \
	  if [ "$$base" = none ]; then \
	    echo 'Python 3.11 以上（venv 付き）がありません。入れてからもう一度実行してください。' >&2; \
	    echo '例: apt-get install python3 python3-venv' >&2; exit 1; \
	  fi; \
	  echo ".venv を作ります（$$("$$base" --version)）"; "$$base" -m venv --clear .venv; \
	fi; \
	echo '必要なパッケージを入れます…'; \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
