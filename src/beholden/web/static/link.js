// A one-time link: its token stands behind the #, which browsers keep to themselves, and is taken out of the address at once.

const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("f-token").value = token;
}
