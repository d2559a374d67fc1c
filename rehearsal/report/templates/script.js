(function () {
  "use strict";
  var page = document.documentElement, box = document.getElementById("page-environment");
  function kept() { try { return localStorage.getItem("runbook-environment"); } catch (e) { return null; } }
  function keep(name) { try { localStorage.setItem("runbook-environment", name); } catch (e) { /* a private window */ } }
  function choose(name) {
    document.querySelectorAll("[data-environment]").forEach(function (each) {
      var same = each.dataset.environment === name;
      each.hidden = each.hasAttribute("data-absent") ? !same : name !== "" && !same;
    });
  }
  if (box) {
    var names = Array.from(box.options, function (each) { return each.value; }), first = kept();
    box.value = names.indexOf(first) < 0 ? box.dataset.first : first;
    box.closest(".choice").hidden = false;
    box.addEventListener("change", function () { keep(box.value); choose(box.value); });
    choose(box.value);
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a"), of = link && link.closest("[data-of], [data-environment]");
    if (of) { keep(of.dataset.of || of.dataset.environment); }
  });
  function open() {
    var there = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!there) { return; }
    if (box && there.closest("[hidden]")) { box.value = ""; choose(""); }
    for (var each = there; each; each = each.parentElement) { if (each.tagName === "DETAILS") { each.open = true; } }
    there.scrollIntoView();
  }
  addEventListener("beforeprint", function () {
    document.querySelectorAll(".verdicts details, .symptoms details").forEach(function (each) { each.open = true; });
  });
  addEventListener("hashchange", open);
  open();
  function copyOld(code) {
    var range = document.createRange(), chosen = getSelection();
    range.selectNodeContents(code);
    chosen.removeAllRanges();
    chosen.addRange(range);
    return document.execCommand("copy");
  }
  document.querySelectorAll(".command").forEach(function (each) {
    var button = document.createElement("button"), code = each.querySelector("code");
    function say(word) { button.textContent = word; setTimeout(function () { button.textContent = "Copy"; }, 2000); }
    function old() { say(copyOld(code) ? "Copied" : "Press Ctrl+C"); }
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", function () {
      if (!navigator.clipboard) { old(); return; }
      navigator.clipboard.writeText(code.textContent).then(function () { say("Copied"); }, old);
    });
    each.appendChild(button);
  });
  page.classList.add("scripted");
})();
