// Passkeys: shown only where the browser has them; every page has another way without this file.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  if (/^[\d.]+$|:/.test(location.hostname)) return; // passkeys belong to a name, never to an address
  const toBytes = (text) => {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")), (c) => c.charCodeAt(0));
  };
  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const post = async (url, body) => {
    const answer = await fetch(url, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}),
    });
    if (answer.redirected) { location.assign(answer.url); return new Promise(() => {}); }
    return { ok: answer.ok, said: await answer.json() };
  };
  const known = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));
  const ask = async (how, told) => {
    const publicKey = { ...told, challenge: toBytes(told.challenge) };
    if (how === "create") {
      publicKey.user = { ...told.user, id: toBytes(told.user.id) };
      publicKey.excludeCredentials = known(told.excludeCredentials);
      return navigator.credentials.create({ publicKey });
    }
    publicKey.allowCredentials = known(told.allowCredentials);
    return navigator.credentials.get({ publicKey });
  };
  const written = (made) => {
    const response = { clientDataJSON: toText(made.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = toText(made.response[name]);
    }
    return { id: made.id, rawId: toText(made.rawId), type: made.type, response, clientExtensionResults: {} };
  };
  for (const box of document.querySelectorAll("[data-passkey]")) {
    const problem = box.querySelector(".err");
    const tell = (text) => { problem.textContent = text; problem.hidden = false; };
    box.hidden = false;
    if (box.querySelector(".primary")) { // one main action a page: the other way stands back
      for (const other of document.querySelectorAll("main form .btn.primary")) other.classList.replace("primary", "secondary");
    }
    box.querySelector("button").addEventListener("click", async () => {
      problem.hidden = true;
      try {
        const { ok, said } = await post(box.dataset.options);
        if (!ok) { tell(said.problem || box.dataset.failed); return; }
        const made = await ask(box.dataset.passkey, said);
        const field = box.dataset.nameFrom && document.getElementById(box.dataset.nameFrom);
        const mark = box.dataset.answer.includes("?") ? "&" : "?";
        const url = field ? `${box.dataset.answer}${mark}name=${encodeURIComponent(field.value)}` : box.dataset.answer;
        const done = await post(url, written(made));
        if (done.ok) location.assign(done.said.next); else tell(done.said.problem || box.dataset.failed);
      } catch {
        tell(box.dataset.failed);
      }
    });
  }
})();
