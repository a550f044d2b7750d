/**
 * Does what `engines.py` asks for with the functions of `browser_page.js`, and asks for the next thing with each answer.
 */

import "/page.js";

let answer = { value: navigator.userAgent };
for (;;) {
  const { name, given } = await (await fetch("/next", { method: "POST", body: JSON.stringify(answer) })).json();
  if (!name) break;
  answer = await Promise.resolve(window.tutela[name](...given)).then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  );
}
document.body.append("Done.");
