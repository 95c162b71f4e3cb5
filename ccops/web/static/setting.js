// What the server says once: texts, names, time zone, targets.

export const setting = JSON.parse(document.getElementById("setting").textContent);
