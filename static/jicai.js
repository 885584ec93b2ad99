/* The few things a page does by itself. Loaded before Alpine; without either, every page still reads and every form still sends. */
document.addEventListener("alpine:init", () => {
  window.Alpine.data("shell", () => ({
    open: false,
    side: false,
    toggle() {
      this.open = !this.open;
    },
    get closed() {
      return !this.open;
    },
    get noSide() {
      return !this.side;
    },
    swapped(event) {
      if (event.target.id === "side-content") {
        this.side = true;
        this.$nextTick(() => document.getElementById("side").focus());
      }
    },
    closeSide() {
      this.side = false;
    },
  }));
  /* a control that sends its form as soon as it changes: the language, the organisation */
  window.Alpine.data("sender", () => ({
    send() {
      this.$el.form.requestSubmit();
    },
  }));
});
document.documentElement.classList.add("js");
