// Opening a shop: suggest the short name while the name is typed, and the time zone of the browser.
(() => {
  const slug = document.querySelector("[data-slug-from]");
  const name = slug?.form.elements[slug.dataset.slugFrom];
  let own = Boolean(slug?.value);
  const made = (text) =>
    text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").slice(0, 36).replace(/^-+|-+$/g, "");
  slug?.addEventListener("input", () => { own = slug.value !== ""; });
  name?.addEventListener("input", () => { if (!own) slug.value = made(name.value); });

  const zone = document.querySelector("select[data-guess-zone]");
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Only where the form is new: what was sent once is the person's own choice.
  if (zone && !own && [...zone.options].some((each) => each.value === guess)) zone.value = guess;
})();
