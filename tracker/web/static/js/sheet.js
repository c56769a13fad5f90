// 粘贴台账: a grid over the plain text field of the page. The field is what is sent and kept as a draft;
// without scripts it stands there alone.
(function () {
  "use strict";

  var LEAST_ROWS = 12;
  var MORE_ROWS = 10;
  var HEADER_ROWS = 10;
  var LEAST_WORDS = 3;
  var KEPT_STATES = 100;
  var LONG = 10;
  var QUOTED = /"((?:[^"]|"")*)"(?=[\t\n]|$)/y;

  // Excel quotes a cell with a tab or a line break, and leaves the quotes of others alone.
  function parse(text) {
    var rows = [];
    var row = [];
    var place = 0;
    text = text.replace(/\r\n?/g, "\n");
    function cell() {
      QUOTED.lastIndex = place;
      var found = QUOTED.exec(text);
      if (found && (!found[1] || /[\t\n"]/.test(found[1]))) {
        place += found[0].length;
        return found[1].replace(/""/g, '"');
      }
      var end = text.slice(place).search(/[\t\n]/);
      var plain = end < 0 ? text.slice(place) : text.slice(place, place + end);
      place += plain.length;
      return plain;
    }
    while (place < text.length) {
      row.push(cell());
      var sign = text.charAt(place);
      place += 1;
      if (sign !== "\t") { rows.push(row); row = []; } else if (place === text.length) { row.push(""); }
    }
    return row.length ? rows.concat([row]) : rows;
  }

  function write(rows) {
    return rows.map(function (row) {
      return row.map(function (cell) {
        return /[\t\n]|^"/.test(cell) ? '"' + cell.replace(/"/g, '""') + '"' : cell;
      }).join("\t");
    }).join("\n");
  }

  function isEmpty(row) { return row.every(function (cell) { return !cell.trim(); }); }

  function withoutTail(rows) {
    var last = rows.length;
    while (last && isEmpty(rows[last - 1])) { last -= 1; }
    return rows.slice(0, last).map(function (row) {
      var end = row.length;
      while (end > 1 && !row[end - 1]) { end -= 1; }
      return row.slice(0, end);
    });
  }

  function letters(column) {
    var name = "";
    for (var rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
      name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
    }
    return name;
  }

  function start(box) {
    var form = box.closest("form");
    var text = document.getElementById(box.dataset.sheet);
    var header = document.getElementById(box.dataset.header);
    var columns = JSON.parse(box.dataset.columns);
    var words = new Set(JSON.parse(box.dataset.words));
    var most = { rows: +box.dataset.maxRows, columns: +box.dataset.maxColumns, characters: +box.dataset.maxCharacters };
    var head = box.querySelector("thead");
    var body = box.querySelector("tbody");
    var told = box.querySelector("[data-told]");
    var count = box.querySelector("[data-count]");
    var rows = [];
    var past = [];
    var future = [];
    var from = { row: 0, column: 0 };  // the cell with the cursor
    var to = { row: 0, column: 0 };  // the other corner of what is chosen
    var isTyping = false;
    var isEditing = false;
    var leaves = false;

    function tell(sentence) {
      told.textContent = sentence || "";
      told.hidden = !sentence;
    }

    function width() { return rows.length ? rows[0].length : columns.length; }
    function field(row, column) { return body.rows[row].cells[column + 1].firstChild; }

    // What is on the page
    function show(row, column) {
      var control = field(row, column);
      var value = rows[row][column];
      if (control.value !== value) { control.value = value; }
      control.classList.toggle("is-long", value.length > LONG || value.indexOf("\n") >= 0);
    }

    function showHead() {
      var line = document.createElement("tr");
      line.append(document.createElement("th"));
      for (var column = 0; column < width(); column += 1) {
        var title = document.createElement("th");
        title.scope = "col";
        title.textContent = (!header.checked && columns[column]) || letters(column);
        line.append(title);
      }
      head.textContent = "";
      head.append(line);
    }

    function line(number) {
      var made = document.createElement("tr");
      var title = document.createElement("th");
      title.scope = "row";
      title.textContent = number + 1;
      made.append(title);
      for (var column = 0; column < width(); column += 1) {
        var cell = document.createElement("td");
        var control = document.createElement("textarea");
        control.rows = 1;
        control.tabIndex = number || column ? -1 : 0;
        control.setAttribute("aria-label", "第 " + (number + 1) + " 行 " + letters(column) + " 列");
        cell.append(control);
        made.append(cell);
      }
      return made;
    }

    function showAll() {
      var isWider = body.rows.length && body.rows[0].cells.length !== width() + 1;
      if (isWider) { body.textContent = ""; }
      while (body.rows.length > rows.length) { body.deleteRow(-1); }
      var added = document.createDocumentFragment();
      for (var number = body.rows.length; number < rows.length; number += 1) { added.append(line(number)); }
      body.append(added);
      rows.forEach(function (row, place) {
        for (var column = 0; column < row.length; column += 1) { show(place, column); }
      });
      showHead();
      sync();
      choose();
    }

    function sync() {
      var filled = withoutTail(rows);
      text.value = write(filled);
      count.textContent = "已填 " + filled.filter(function (row) { return !isEmpty(row); }).length + " 行";
      if (text.value.length > most.characters) {
        tell("内容超过 " + most.characters / 10000 + " 万字，不能提交。请分几次粘贴，或改用“上传文件”。");
      }
    }

    function changed() {
      showAll();
      text.dispatchEvent(new Event("change", { bubbles: true }));
    }

    // Every row has the same width, and there is always room below.
    function fit(wanted, wide) {
      var across = Math.max(columns.length, wide, width());
      rows.forEach(function (row) { while (row.length < across) { row.push(""); } });
      while (rows.length < wanted) { rows.push(new Array(across).fill("")); }
    }

    function load() {
      var given = parse(text.value);
      rows = given.map(function (row) { return row.slice(); });
      var wide = Math.max.apply(null, [0].concat(rows.map(function (row) { return row.length; })));
      var across = Math.max(columns.length, wide);
      rows.forEach(function (row) { while (row.length < across) { row.push(""); } });
      fit(Math.max(LEAST_ROWS, rows.length), across);
      showAll();
    }

    // Undo and redo
    function state() {
      return { rows: rows.map(function (row) { return row.slice(); }), header: header.checked };
    }

    function remember() {
      past.push(state());
      if (past.length > KEPT_STATES) { past.shift(); }
      future = [];
      tell("");
    }

    function goTo(found) {
      rows = found.rows;
      header.checked = found.header;
      from.row = to.row = Math.min(from.row, rows.length - 1);
      from.column = to.column = Math.min(from.column, width() - 1);
      isTyping = isEditing = false;
      tell("");
      changed();
      settle();
    }

    function undo() { if (past.length) { future.push(state()); goTo(past.pop()); } }
    function redo() { if (future.length) { past.push(state()); goTo(future.pop()); } }

    // Choosing cells
    function chosen() {
      return {
        top: Math.min(from.row, to.row), bottom: Math.max(from.row, to.row),
        left: Math.min(from.column, to.column), right: Math.max(from.column, to.column)
      };
    }

    function isOne() { return from.row === to.row && from.column === to.column; }

    function each(area, act) {
      for (var row = area.top; row <= area.bottom; row += 1) {
        for (var column = area.left; column <= area.right; column += 1) { act(row, column); }
      }
    }

    function choose() {
      body.querySelectorAll(".is-chosen").forEach(function (cell) { cell.classList.remove("is-chosen"); });
      if (!isOne()) { each(chosen(), function (row, column) { field(row, column).parentNode.classList.add("is-chosen"); }); }
    }

    function settle() {
      var control = field(from.row, from.column);
      if (document.activeElement !== control) { control.focus(); }
      control.select();
      choose();
    }

    function move(row, column, extends_) {
      if (row >= rows.length && rows.length < most.rows && !extends_) { fit(rows.length + 1, width()); showAll(); }
      to.row = Math.max(0, Math.min(row, rows.length - 1));
      to.column = Math.max(0, Math.min(column, width() - 1));
      if (extends_) { choose(); return; }
      from.row = to.row;
      from.column = to.column;
      isTyping = isEditing = false;
      settle();
    }

    // What the buttons do
    function isHeader(row) {
      var known = row.filter(function (cell) { return words.has(cell.replace(/[\s*:：]/g, "").toUpperCase()); });
      return known.length >= LEAST_WORDS;
    }

    function put(block, at) {
      var last = withoutTail(block).length || 1;
      block = block.slice(0, last);
      var wide = Math.max.apply(null, block.map(function (row) { return row.length; }));
      if (at.row + block.length > most.rows) {
        tell("粘贴的内容有 " + block.length + " 行，放不下：最多 " + most.rows + " 行。请分几次粘贴，或改用“上传文件”。");
        return;
      }
      if (at.column + wide > most.columns) {
        tell("粘贴的内容有 " + wide + " 列，放不下：最多 " + most.columns + " 列。请只复制台账的各列。");
        return;
      }
      remember();
      fit(at.row + block.length + 1 > most.rows ? most.rows : at.row + block.length + 1, at.column + wide);
      block.forEach(function (row, down) {
        row.forEach(function (cell, right) { rows[at.row + down][at.column + right] = cell; });
      });
      if (!header.checked && rows.slice(0, HEADER_ROWS).some(isHeader)) { header.checked = true; tell("已识别：粘贴的内容自带表头。"); }
      from = { row: at.row, column: at.column };
      to = { row: at.row + block.length - 1, column: at.column + wide - 1 };
      isTyping = isEditing = false;
      changed();
      settle();
    }

    function fill() {
      var area = chosen();
      var source = area.top;
      if (area.top === area.bottom) { source = area.top - 1; }
      if (source < 0) { tell("上面没有可以填充的内容。请先选几行。"); return; }
      remember();
      each(area, function (row, column) { rows[row][column] = rows[source][column]; });
      isTyping = isEditing = false;
      changed();
      settle();
    }

    function clear() {
      remember();
      each(chosen(), function (row, column) { rows[row][column] = ""; });
      changed();
    }

    function add() {
      if (rows.length >= most.rows) { tell("最多 " + most.rows + " 行。"); return; }
      remember();
      fit(Math.min(most.rows, rows.length + MORE_ROWS), width());
      changed();
      settle();
    }

    function remove() {
      var area = chosen();
      remember();
      rows.splice(area.top, area.bottom - area.top + 1);
      fit(LEAST_ROWS, width());
      move(area.top, from.column);
      changed();
      settle();
    }

    var tools = { undo: undo, redo: redo, fill: fill, add: add, remove: remove };
    box.addEventListener("click", function (event) {
      var button = event.target.closest("[data-do]");
      if (button) { tools[button.dataset.do](); }
    });

    // Typing
    function placeOf(control) {
      var cell = control.closest("td");
      return cell && { row: cell.parentNode.sectionRowIndex, column: cell.cellIndex - 1 };
    }

    body.addEventListener("input", function (event) {
      var at = placeOf(event.target);
      if (!isTyping) { remember(); isTyping = true; }
      rows[at.row][at.column] = event.target.value;
      show(at.row, at.column);
      sync();
    });

    body.addEventListener("focusin", function (event) {
      var at = placeOf(event.target);
      if (at.row === from.row && at.column === from.column) { return; }
      from = { row: at.row, column: at.column };
      to = { row: at.row, column: at.column };
      isTyping = isEditing = leaves = false;
      event.target.select();
      choose();
    });

    body.addEventListener("mousedown", function (event) {
      var at = placeOf(event.target);
      if (!at) { return; }
      if (event.shiftKey) { event.preventDefault(); move(at.row, at.column, true); return; }
      if (document.activeElement === event.target) { isEditing = isOne(); }
      to = { row: from.row, column: from.column };
      choose();
    });
    body.addEventListener("mouseover", function (event) {
      var at = event.buttons === 1 && placeOf(event.target);
      if (at && (at.row !== to.row || at.column !== to.column)) { move(at.row, at.column, true); }
    });

    function breakLine(control) {
      control.setRangeText("\n", control.selectionStart, control.selectionEnd, "end");
      isEditing = true;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function cancel(control) {
      if (isTyping) { goTo(past.pop()); } else { isEditing = false; to = { row: from.row, column: from.column }; settle(); }
      leaves = true;
      return control;
    }

    function tab(back) {
      var next = from.column + (back ? -1 : 1);
      var row = from.row + (next < 0 ? -1 : next >= width() ? 1 : 0);
      if (leaves || row < 0 || row >= rows.length) { return false; }
      move(row, next < 0 ? width() - 1 : next >= width() ? 0 : next);
      return true;
    }

    var steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

    function arrow(event) {
      var step = steps[event.key];
      var isAcross = step[0] === 0;
      if (isEditing || (isTyping && (isAcross || event.target.value.indexOf("\n") >= 0))) { return false; }
      var here = event.shiftKey ? to : from;
      move(here.row + step[0], here.column + step[1], event.shiftKey);
      return true;
    }

    function shortcut(event) {
      var key = event.key.toLowerCase();
      if (key === "z") { if (event.shiftKey) { redo(); } else { undo(); } return true; }
      if (key === "y") { redo(); return true; }
      if (key === "d") { fill(); return true; }
      return false;
    }

    function press(event) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && shortcut(event)) { return true; }
      if (event.key === "Enter") {
        if (event.altKey || event.ctrlKey) { breakLine(event.target); } else { move(from.row + (event.shiftKey ? -1 : 1), from.column); }
        return true;
      }
      if (event.key === "Tab") { return tab(event.shiftKey); }
      if (event.key === "Escape") { cancel(event.target); return true; }
      if (event.key === "F2") { isEditing = true; event.target.setSelectionRange(event.target.value.length, event.target.value.length); return true; }
      if (event.key === "Delete" && !isOne()) { clear(); return true; }
      return event.key in steps && arrow(event);
    }

    body.addEventListener("keydown", function (event) {
      if (event.isComposing || event.keyCode === 229) { return; }  // an input method is at work
      if (press(event)) { event.preventDefault(); }
    });

    // The clipboard
    body.addEventListener("paste", function (event) {
      var given = event.clipboardData.getData("text/plain");
      var block = parse(given);
      var isPlain = block.length === 1 && block[0].length === 1;
      if (!given || (isPlain && isOne())) { return; }
      event.preventDefault();
      var area = chosen();
      if (isPlain) {
        remember();
        each(area, function (row, column) { rows[row][column] = block[0][0]; });
        changed();
      } else {
        put(block, { row: area.top, column: area.left });
      }
    });

    function copied(event) {
      if (isOne()) { return false; }
      var area = chosen();
      var block = rows.slice(area.top, area.bottom + 1).map(function (row) { return row.slice(area.left, area.right + 1); });
      event.clipboardData.setData("text/plain", write(block));
      event.preventDefault();
      return true;
    }

    body.addEventListener("copy", copied);
    body.addEventListener("cut", function (event) { if (copied(event)) { clear(); } });

    header.addEventListener("change", showHead);
    form.addEventListener("draftrestored", load);
    window.addEventListener("pageshow", function () { if (text.value !== write(withoutTail(rows))) { load(); } });
    var refused = document.querySelector(".sheet-text .form-error");
    if (refused) { tell(refused.textContent); }
    document.querySelector(".sheet-text").hidden = true;
    box.hidden = false;
    load();
  }

  document.querySelectorAll("[data-sheet]").forEach(start);
})();
