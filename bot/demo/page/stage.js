// Which channel is looked at, and as whom, is in the address: #<channel>-<member>.
const SECONDS = 2;
// For so many milliseconds after an act, what comes new is its answer.
const ANSWERED = 10_000;
const nav = document.getElementById("rooms");
const picker = document.getElementById("member");
const frame = document.getElementById("room");
const seen = new Map(); // "<channel>-<member>" → its newest message when it was last looked at
let shown = null;

const place = () => location.hash.slice(1).split("-");
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

async function refresh() {
  const asked = location.hash;
  let [room, member = ""] = place();
  const answer = await fetch(`/rooms?member=${member}`);
  const world = await answer.json();
  if (location.hash !== asked) return; // somewhere else was chosen meanwhile
  if (!world.rooms.some(({ id }) => id === room)) room = world.rooms[0].id;
  const key = `${room}-${world.member}`;
  if (key !== place().join("-")) history.replaceState(null, "", `#${key}`);
  look(key, room, world.member);
  list(world, room);
}

function look(key, room, member) {
  const inside = frame.contentWindow;
  if (key !== shown) {
    shown = key;
    inside.location.replace(`/room/${room}/${member}#${key}`);
    return;
  }
  // A page left alone for long, or whose demonstration was started again, is served no more.
  const { contextId, authorized, transport } = inside.simcordPreview ?? {};
  if ((contextId && !authorized) || transport?.uncertainRequestId) inside.location.reload();
}

function list(world, room) {
  put(picker, world.members.map(({ id, name }) => make("option", { value: id }, name)));
  picker.value = world.member;
  let heading = "";
  put(nav, world.rooms.flatMap((one) => {
    const above = one.category === heading ? [] : [make("h2", {}, one.category)];
    heading = one.category;
    return [...above, link(one, `${one.id}-${world.member}`, one.id === room)];
  }));
}

function link({ name, topic, kind, last }, key, current) {
  if (current || !seen.has(key)) seen.set(key, last);
  const unread = seen.get(key) === last ? "" : " unread";
  const made = make("a", { href: `#${key}`, className: kind + unread, title: topic }, make("span", {}, name));
  if (current) made.setAttribute("aria-current", "page");
  return made;
}

// What has not changed stays, with its focus.
function put(element, children) {
  const now = children.map((child) => child.outerHTML).join("");
  if (element.dataset.now === now) return;
  element.dataset.now = now;
  element.replaceChildren(...children);
  element.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const follow = () => refresh().then(
  () => document.body.classList.remove("ended"),
  () => document.body.classList.add("ended"),
);

picker.addEventListener("change", () => { location.hash = `${place()[0]}-${picker.value}`; });
addEventListener("hashchange", follow);

// A link to a message of this server leads to its channel.
function lead(event) {
  const link = event.target.closest?.("a[href]")?.href ?? "";
  const room = /discord\.com\/channels\/\d+\/(\d+)/.exec(link)?.[1];
  if (!room) return;
  event.preventDefault();
  location.hash = `${room}-${place()[1]}`;
}

// Whoever acts is led to the answer, which may have come below what they see.
function accompany(inside) {
  const jump = inside.getElementById("new-messages");
  if (!jump) return;
  let acted = -ANSWERED;
  const note = () => { acted = performance.now(); };
  inside.addEventListener("click", ({ target }) => { if (target.closest?.("button, [role=option]")) note(); }, true);
  inside.addEventListener("keydown", ({ key }) => { if (key === "Enter") note(); }, true);
  new MutationObserver(() => {
    if (!jump.hidden && performance.now() - acted < ANSWERED) jump.click();
  }).observe(jump, { attributeFilter: ["hidden"] });
}

frame.addEventListener("load", () => {
  frame.contentDocument.addEventListener("click", lead);
  accompany(frame.contentDocument);
});
follow();
setInterval(follow, SECONDS * 1000);
