// 草稿: a form with data-autosave is kept on the server while somebody types, and offered again.
// Nothing is kept in the browser; passwords and files are never sent. Without scripts a form is a plain form.
(function () {
  "use strict";

  var PAUSE = 1500;
  var VERSION = /(^|-)version$/;

  function typed(form) {
    var fields = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      var control = form.elements[name];
      if (typeof value === "string" && name !== "submission" && !(control && control.type === "password")) {
        fields.append(name, value);
      }
    });
    return fields;
  }

  function token(form) {
    var field = form.elements.csrf_token;
    return field ? field.value : "";
  }

  function tell(form, words) {
    var line = form.querySelector(".draft-status");
    line.textContent = words;
    line.hidden = !words;
  }

  function autosave(form) {
    var timer = null;
    var running = null;
    var changed = false;
    var sent = false;
    var address = form.dataset.autosave + "&of=" + encodeURIComponent(form.elements.submission ? form.elements.submission.value : "");

    function answered(answer) {
      if (answer.status === 401) { return { detail: "登录已过期，内容仍在本页；提交时会请您重新登录，不会丢失。" }; }
      if (!answer.ok && answer.status !== 422) { throw new Error(String(answer.status)); }
      return answer.json();
    }

    function save() {
      if (running || !changed || sent) { return; }
      changed = false;
      running = new AbortController();
      fetch(address, { method: "POST", body: typed(form), credentials: "same-origin", redirect: "error", signal: running.signal })
        .then(answered)
        .then(function (said) {
          running = null;
          tell(form, said.detail || (said.saved_at ? "已保存 " + said.saved_at : ""));
          if (!said.detail && !changed) { form.dispatchEvent(new CustomEvent("draftsaved", { bubbles: true })); }
          if (changed) { later(); }
        })
        .catch(function () {
          running = null;
          if (sent) { return; }
          changed = true;
          tell(form, "草稿暂时没有保存，稍后再试；请不要关闭本页。");
          later(10 * PAUSE);
        });
    }

    function later(pause) {
      window.clearTimeout(timer);
      timer = window.setTimeout(save, pause || PAUSE);
    }

    function leave() {
      if (changed && !sent && navigator.sendBeacon(address, typed(form))) { changed = false; }
    }

    form.addEventListener("input", function () { changed = true; later(); });
    form.addEventListener("change", function () { changed = true; later(); });
    document.addEventListener("submit", function (event) {
      if (event.target !== form || event.defaultPrevented) { return; }
      sent = true;
      window.clearTimeout(timer);
      if (running) { running.abort(); }
    });
    document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") { leave(); } });
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", function () { sent = false; });
  }

  // Put a draft's fields back. The row's version comes with them: if somebody saved meanwhile, the
  // submit is refused and both texts are shown. Returns what has no place on the page any more.
  function restore(form, fields) {
    var values = {};
    var left = [];
    fields.forEach(function (pair) { (values[pair[0]] = values[pair[0]] || []).push(pair[1]); });
    var known = new Set();
    Array.from(form.elements).forEach(function (control) {
      var given = values[control.name] || [];
      if (!control.name || control.type === "submit" || control.type === "file" || control.type === "password") { return; }
      known.add(control.name);
      if (control.type === "hidden" && !VERSION.test(control.name)) { return; }
      if (control.type === "checkbox" || control.type === "radio") {
        control.checked = given.indexOf(control.value) >= 0;
      } else if (control.type === "select-multiple") {
        Array.from(control.options).forEach(function (each) { each.selected = given.indexOf(each.value) >= 0; });
      } else if (given.length) {
        control.value = given.shift();
      }
    });
    fields.forEach(function (pair) {
      if (!known.has(pair[0]) && !VERSION.test(pair[0]) && /[^\x00-\x7f]/.test(pair[1])) { left.push(pair[1]); }
    });
    form.querySelectorAll("details").forEach(function (each) {
      each.open = each.open || Array.from(each.querySelectorAll("textarea")).some(function (field) { return field.value; });
    });
    form.dispatchEvent(new CustomEvent("draftrestored"));
    return left;
  }

  function isOlder(form, fields) {
    return fields.some(function (pair) {
      var control = VERSION.test(pair[0]) && form.elements[pair[0]];
      return control && control.value !== pair[1];
    });
  }

  function offer(form, box) {
    var fields = JSON.parse(box.dataset.fields);
    var older = box.querySelector(".draft-older");
    older.hidden = !isOlder(form, fields);
    box.hidden = false;
    box.querySelector("[data-draft=restore]").addEventListener("click", function () {
      var left = restore(form, fields);
      box.hidden = true;
      if (left.length) {
        var rest = form.querySelector(".draft-rest");
        rest.querySelector("textarea").value = left.join("\n\n");
        rest.hidden = false;
      }
      tell(form, "已恢复 " + box.dataset.savedAt + " 的草稿，还没有提交。");
    });
    box.querySelector("[data-draft=discard]").addEventListener("click", function () {
      var said = new URLSearchParams({ csrf_token: token(form) });
      fetch(box.dataset.discard, { method: "POST", body: said, credentials: "same-origin", redirect: "error" })
        .then(function (answer) { if (answer.ok) { box.hidden = true; tell(form, "草稿已放弃。"); } })
        .catch(function () { tell(form, "没有放弃成功，请稍后再试。"); });
    });
  }

  document.querySelectorAll("form[data-autosave]").forEach(function (form) {
    autosave(form);
    var box = form.querySelector(".draft-offer");
    if (box) { offer(form, box); }
  });
})();
