// One checkbox for all of its kind in its form.

export function startCheckAll(): void {
  document.addEventListener("change", (event) => {
    const all = event.target;
    if (!(all instanceof HTMLInputElement) || !all.dataset.checkAll || !all.form) return;
    for (const box of all.form.querySelectorAll<HTMLInputElement>(`input[name="${all.dataset.checkAll}"]`)) {
      box.checked = all.checked;
    }
  });
}
