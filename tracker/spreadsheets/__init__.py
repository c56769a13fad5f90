"""电子表格: guard, reader, writer and sanitiser of spreadsheet files; knows no business."""
