// Passkeys: a form with `data-passkey` asks the browser for one, puts its answer into the form, and sends it.

const known =
  window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential.parseCreationOptionsFromJSON;

async function answer(form) {
  const response = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  const options = await response.json();
  const made =
    form.dataset.passkeyDo === "make"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(made.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!known) continue;
  form.closest("[data-passkey-part]").hidden = false;
  const told = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    told.textContent = form.dataset.passkeyWaits;
    try {
      form.elements.answer.value = await answer(form);
      form.submit(); // without another submit event
    } catch {
      // Nothing is told of why: a person who pressed "cancel" and a device that knows no passkey look alike.
      told.textContent = form.dataset.passkeyFailed;
      button.disabled = false;
    }
  });
}
