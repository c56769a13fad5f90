// Small comforts on top of pages that work without any script. No text a person types is kept in the browser.
(function () {
  "use strict";

  function header(name) {
    var tag = document.querySelector('meta[name="' + name + '"]');
    return tag ? tag.content : "";
  }

  // htmx sends the same token as a form does.
  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = header("csrf-token");
  });

  // A form or button with data-confirm asks first, in a dialog of the page.
  var confirmed = null;

  function ask(question, label, yes) {
    var dialog = document.createElement("dialog");
    if (!dialog.showModal) {
      if (window.confirm(question)) { yes(); }
      return;
    }
    var text = document.createElement("p");
    text.id = "ask-question";
    text.textContent = question;
    var buttons = document.createElement("div");
    buttons.className = "form-buttons";
    var no = document.createElement("button");
    no.type = "button";
    no.className = "btn btn-secondary";
    no.textContent = "取消";
    var go = document.createElement("button");
    go.type = "button";
    go.className = "btn btn-primary";
    go.textContent = label;
    dialog.className = "ask";
    dialog.setAttribute("aria-labelledby", text.id);
    buttons.append(no, go);
    dialog.append(text, buttons);
    no.addEventListener("click", function () { dialog.close(); });
    go.addEventListener("click", function () { dialog.close(); yes(); });
    dialog.addEventListener("close", function () { dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter;
    var asker = button && button.dataset.confirm ? button : form;
    if (!asker.dataset.confirm || confirmed === form) { confirmed = null; return; }
    event.preventDefault();
    event.stopPropagation();
    var label = asker.dataset.confirmLabel || (button && button.textContent.trim()) || "确定";
    ask(asker.dataset.confirm, label, function () {
      confirmed = form;
      form.requestSubmit(button || undefined);
      confirmed = null;
    });
  }, true);

  // One submit per form: a second press is swallowed until the page comes back.
  function buttonsOf(form) {
    return Array.from(form.elements).filter(function (each) { return each.type === "submit"; });
  }

  function release(form) {
    delete form.dataset.sent;
    buttonsOf(form).forEach(function (each) { each.disabled = false; });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.dataset.stays !== undefined) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    // After the browser has collected the fields: a disabled button would not send its own value.
    window.setTimeout(function () {
      if (form.dataset.sent) { buttonsOf(form).forEach(function (each) { each.disabled = true; }); }
    }, 0);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  // Leaving a page with typed and unsent text asks first.
  var touched = new Set();
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.dataset.warnUnsaved !== undefined) { touched.add(form); }
  });
  document.addEventListener("submit", function (event) {
    if (!event.defaultPrevented) { touched.delete(event.target); }
  });
  document.addEventListener("draftsaved", function (event) { touched.delete(event.target); });
  window.addEventListener("beforeunload", function (event) {
    touched.forEach(function (form) { if (!form.isConnected) { touched.delete(form); } });
    if (touched.size) { event.preventDefault(); event.returnValue = ""; }
  });

  // An open menu closes on Escape and on a click elsewhere.
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // The list of errors is read first.
  function readErrors(where) {
    var summary = where.querySelector(".error-summary");
    if (summary) { summary.focus(); }
  }
  document.addEventListener("htmx:afterSwap", function (event) { readErrors(event.target); });
  readErrors(document);
})();
