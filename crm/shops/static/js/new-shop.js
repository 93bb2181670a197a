// Opening a shop: suggest the short name while the name is typed, and the time zone of the browser.
(() => {
  const slug = document.querySelector("[data-slug-from]");
  const name = slug?.form.elements[slug.dataset.slugFrom];
  let own = Boolean(slug?.value);
  // At most 36 characters, cut at a word's end where there is one, as free_slug (crm/shops/forms.py) does.
  const wholeWords = (text) => (text.length > 36 ? (/^.{1,36}(?=-)/.exec(text)?.[0] ?? text.slice(0, 36)) : text);
  const made = (text) =>
    wholeWords(text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, ""));
  slug?.addEventListener("input", () => { own = slug.value !== ""; });
  name?.addEventListener("input", () => { if (!own) slug.value = made(name.value); });

  const zone = document.querySelector("select[data-guess-zone]");
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Only where the form is new: what was sent once is the person's own choice.
  if (zone && !own && [...zone.options].some((each) => each.value === guess)) zone.value = guess;
})();
