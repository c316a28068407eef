/** Answers in Vue, on a long page with one copy button that stays in sight. */
import { createApp } from "vue/dist/vue.esm-bundler.js";

const template = `
  <main style="padding-bottom: 3000px">
    <article v-for="(text, index) in texts" :key="index">
      <ul :data-ai-output="handles[index]"><li v-for="line in text.split('\\n')">{{ line }}</li></ul>
    </article>
  </main>
  <button style="position: fixed; bottom: 0" @click="copy(texts[0])">Copy the first</button>`;

window.list = (handles, texts) => {
  document.body.innerHTML = "<div id=root></div>";
  const copy = (text) => navigator.clipboard.writeText(text);
  createApp({ template, data: () => ({ handles, texts }), methods: { copy } }).mount("#root");
};
